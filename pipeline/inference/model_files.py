"""Finds models, and loads one together with the card that it has to match."""

from dataclasses import dataclass, field
from pathlib import Path

from pipeline.errors import ModelError
from pipeline.model_card import HOW_TO_MAKE_ONE, ModelCard, Precision, read_card, sha256_of
from pipeline.vision.crop import CROP_MARGIN, PREPROCESSING_VERSION

ASSETS = Path(__file__).resolve().parent.parent / "assets"

CPU_PREFERENCE: tuple[Precision, ...] = ("int8", "fp32", "fp16")
"""DenseNet201 at 96 px on one core with VNNI: 4.4 ms of CPU time a crop in int8, 12 ms in fp32."""

GPU_PREFERENCE: tuple[Precision, ...] = ("fp16", "fp32", "int8")


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A model's bytes, whose hash its card names."""

    path: Path
    card: ModelCard
    data: bytes = field(repr=False)


def shipped_models(folder: Path = ASSETS) -> tuple[Path, ...]:
    """Return the `.onnx` files that come with the product, by name."""
    return tuple(sorted(folder.glob("*.onnx")))


def default_model(preference: tuple[Precision, ...], folder: Path = ASSETS) -> Path:
    """Return the shipped model whose precision comes first in `preference`; raise ModelError where none is shipped."""
    models = shipped_models(folder)
    if not models:
        raise ModelError(f"no model is shipped in {folder}: give one with --model; {HOW_TO_MAKE_ONE}")
    return min(models, key=lambda model: preference.index(read_card(model).precision))


def load_model(path: Path) -> LoadedModel:
    """Read the model at `path` and its card; raise ModelError where they don't match each other or this program."""
    if not path.is_file():
        raise ModelError(f"no model file {path}")
    card = read_card(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ModelError(f"cannot read the model {path}: {error}") from error
    found = sha256_of(data)
    if found != card.sha256:
        raise ModelError(
            f"{path} is not the model of its card: its sha256 is {found[:12]}..., the card says {card.sha256[:12]}...; "
            "it was damaged or replaced: restore it, or export it again"
        )
    _check_preprocessing(path, card)
    return LoadedModel(path, card, data)


def _check_preprocessing(path: Path, card: ModelCard) -> None:
    """Refuse a model trained on other crops than the ones made here."""
    wanted, made = (card.preprocessing_version, card.crop_margin), (PREPROCESSING_VERSION, CROP_MARGIN)
    if wanted != made:
        raise ModelError(
            f"{path} was trained on crops of preprocessing version {wanted[0]} and margin {wanted[1]}; "
            f"this program makes version {made[0]} and margin {made[1]}: train and export the model again"
        )
