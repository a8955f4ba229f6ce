"""`python -m exporters onnx`: an ONNX model from a Keras one, with its card."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from exporters.artefact import add_figures, check_parity, probabilities_of, remove_artefact, write_artefact
from exporters.keras_to_onnx import OPSET, convert
from pipeline.errors import ModelError
from pipeline.model_card import ModelCard, sha256_of
from pipeline.vision.crop import CROP_MARGIN, PREPROCESSING_VERSION
from training.answers import answer
from training.calibration import Calibration
from training.config import Recipe
from training.faces import load_faces
from training.model import load_model
from training.run_folder import CALIBRATED, CALIBRATION, read_recipe, read_record

PARITY_TOLERANCE = 1e-4

NO_CALIBRATION = Calibration(
    split="none", faces=0, temperature=1, ece_before=0, ece_after=0, unknown_below=0.5, coverage=1
)


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """What to export and how; `data` and `split` name the faces that parity is checked on."""

    model: Path
    out: Path
    data: Path
    split: str
    size_px: int | None
    version: str


def export_onnx(options: ExportOptions) -> ModelCard:
    """Write the Keras model as ONNX with its card, and return the card.

    Raises ModelError where the two disagree on real crops: then nothing is left behind.
    """
    recipe = read_recipe(options.model.parent)
    size_px = options.size_px or recipe.final_size_px
    faces = load_faces(options.data, [options.split], recipe.class_aliases)
    converted = convert(load_model(options.model), size_px)
    card = write_artefact(converted, _card(options, recipe, size_px), options.out)
    try:
        keras_says = answer(options.model, faces, size_px).probabilities
        difference = check_parity(keras_says, probabilities_of(options.out, faces), PARITY_TOLERANCE)
    except ModelError:
        remove_artefact(options.out)
        raise
    return add_figures(options.out, card, options.split, faces, {"parity_max_abs_difference": difference})


def _card(options: ExportOptions, recipe: Recipe, size_px: int) -> ModelCard:
    calibration = _calibration_of(options.model)
    return ModelCard.model_validate(
        {
            "name": options.out.stem,
            "version": options.version,
            "architecture": recipe.backbone,
            "classes": recipe.classes,
            "input_size_px": size_px,
            "preprocessing_version": PREPROCESSING_VERSION,
            "crop_margin": CROP_MARGIN,
            "precision": "fp32",
            "opset": OPSET,
            "temperature": calibration.temperature,
            "unknown_below": calibration.unknown_below,
            "smallest_face_px": calibration.smallest_face_px,
            "data": _data_text(recipe, options.data),
            "recipe": _recipe_text(recipe),
            "figures": {},
            "created": datetime.now(UTC).date(),
            "sha256": "0" * 64,
            "source_sha256": sha256_of(options.model.read_bytes()),
        }
    )


def _calibration_of(model: Path) -> Calibration:
    """Return what `training calibrate` folded into the model; another model of the run has no temperature in it."""
    if model.name != CALIBRATED:
        return NO_CALIBRATION
    return read_record(model.parent / CALIBRATION, Calibration)


def _data_text(recipe: Recipe, data: Path) -> str:
    splits = sorted({split for stage in recipe.stages for split in stage.splits})
    return (
        f"{data.name}: trained on {', '.join(splits)}; chosen and calibrated on val; for research use, see WEIGHTS.md"
    )


def _recipe_text(recipe: Recipe) -> str:
    stages = ", ".join(f"{stage.size_px} px x {stage.epochs}" for stage in recipe.stages)
    return (
        f"{recipe.name}: {stages} epochs of {recipe.images_per_epoch} pictures, weights {recipe.weights}, "
        f"seed {recipe.seed}"
    )
