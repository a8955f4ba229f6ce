"""`python -m exporters quantize` and `fp16`: smaller models from an fp32 one, with their cards."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import onnx

from exporters.artefact import complete_card, probabilities_of, removed_on_error, write_artefact
from exporters.card_figures import CheckedFaces, agreement, checked_faces
from exporters.half_precision import LARGEST_HALF, largest_magnitude, to_half
from exporters.keras_options import KerasOptions
from exporters.quantization import calibration_sample, quantize
from pipeline.errors import ConfigError, ModelError
from pipeline.inference.model_files import LoadedModel, load_model
from pipeline.model_card import ModelCard, Precision, sha256_of
from pipeline.types import Float32Array
from training.backend import start_keras
from training.crops import serving_crops

MIN_AGREEMENT: Mapping[Precision, float] = {"int8": 0.97, "fp16": 0.99}
CALIBRATION_FACES = 300
MAGNITUDE_FACES = 32


@dataclass(frozen=True, slots=True)
class DerivedOptions:
    """What to make smaller; `data` and `split` name the faces that the result is checked on.

    `keras` is the Keras model that `source` was exported from, None to compare with `source` alone; `feeding` is how a
    model of the user's own was exported.
    """

    source: Path
    out: Path
    data: Path
    split: str
    keras: Path | None = None
    feeding: KerasOptions = field(default_factory=KerasOptions)


def export_quantized(options: DerivedOptions) -> ModelCard:
    """Write the fp32 model in 8 bits, its ranges taken over faces of the split, with its card; return the card.

    Raises ModelError where it gives too many other verdicts than what it was made of: then nothing is left behind.
    """
    loaded, faces = _start(options)
    sample = calibration_sample(faces.faces, CALIBRATION_FACES)
    quantized = quantize(onnx.load_from_string(loaded.data), serving_crops(sample, loaded.card.input_size_px))
    return _finish(options, quantized, _derived_card(loaded, "int8"), faces)


def export_half(options: DerivedOptions) -> ModelCard:
    """Write the fp32 model in half precision with its card, and return the card; raises what `export_quantized` does.

    Raises ModelError too where a tensor of some faces comes near the largest half: a GPU would overflow there.
    """
    loaded, faces = _start(options)
    model = onnx.load_from_string(loaded.data)
    sample = calibration_sample(faces.faces, MAGNITUDE_FACES)
    magnitude = largest_magnitude(model, serving_crops(sample, loaded.card.input_size_px))
    if not magnitude < LARGEST_HALF / 2:
        raise ModelError(
            f"{options.source} has tensors up to {magnitude:.0f}: half precision ends at {LARGEST_HALF:.0f}"
        )
    card = _derived_card(loaded, "fp16").model_copy(update={"figures": {"largest_magnitude": round(magnitude, 1)}})
    return _finish(options, to_half(model), card, faces)


def _start(options: DerivedOptions) -> tuple[LoadedModel, CheckedFaces]:
    """Load what is to be made smaller, and the faces; refuse what is small already or came of another Keras model."""
    if options.out.resolve() == options.source.resolve():
        raise ConfigError(f"--out {options.out} is the model to start from: give the new one another name")
    loaded = load_model(options.source)
    if loaded.card.precision != "fp32":
        raise ConfigError(f"a smaller model starts from an fp32 one, {options.source} is {loaded.card.precision}")
    if options.keras is not None:
        if not options.keras.is_file():
            raise ModelError(f"no model file {options.keras}")
        if sha256_of(options.keras.read_bytes()) != loaded.card.source_sha256:
            raise ConfigError(f"{options.source} was not exported from {options.keras}: its card names another sha256")
    return loaded, checked_faces(options.data, options.split, loaded.card.input_size_px)


def _derived_card(loaded: LoadedModel, precision: Precision) -> ModelCard:
    origin = {"precision": precision, "source_sha256": loaded.card.sha256, "created": datetime.now(UTC).date()}
    inherited = {name: value for name, value in loaded.card.figures.items() if name.startswith("calibration_")}
    return loaded.card.model_copy(update={**origin, "figures": inherited})


def _finish(options: DerivedOptions, model: onnx.ModelProto, card: ModelCard, faces: CheckedFaces) -> ModelCard:
    written = write_artefact(model, card, options.out)
    with removed_on_error(options.out):
        got = probabilities_of(options.out, faces.crops)
        references = {"fp32": probabilities_of(options.source, faces.crops)}
        if options.keras is not None:
            references["keras"] = _keras_says(options, card, faces)
        for name, expected in references.items():
            _check_agreement(name, expected, got, card.precision)
    return complete_card(options.out, written, faces, got, references)


def _keras_says(options: DerivedOptions, card: ModelCard, faces: CheckedFaces) -> Float32Array:
    assert options.keras is not None
    # Keras takes seconds to import, and most of what is done here does without.
    start_keras()
    from exporters.keras_source import open_keras

    feeding = options.feeding
    classes = None if feeding.is_for_a_run else card.classes
    return open_keras(
        options.keras,
        KerasOptions(classes, feeding.scale, feeding.channels, feeding.output, card.input_size_px),
    ).probabilities(faces.crops)


def _check_agreement(name: str, expected: Float32Array, got: Float32Array, precision: Precision) -> None:
    share = agreement(expected, got)
    if share < MIN_AGREEMENT[precision]:
        raise ModelError(
            f"the {precision} model agrees with its {name} source on {share:.1%} of the faces, "
            f"{MIN_AGREEMENT[precision]:.0%} is due"
        )
