"""`python -m exporters onnx`: an ONNX model from a Keras one, with its card."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from exporters.artefact import check_parity, complete_card, probabilities_of, removed_on_error, write_artefact
from exporters.card_figures import checked_faces
from exporters.keras_options import KerasOptions
from exporters.keras_source import KerasSource, open_keras
from exporters.keras_to_onnx import OPSET, convert
from pipeline.errors import ConfigError
from pipeline.model_card import ModelCard, first_fault, sha256_of
from pipeline.vision.crop import CROP_MARGIN, PREPROCESSING_VERSION
from training.calibration import SMALLEST_FACE_PX, Calibration
from training.config import Recipe
from training.run_folder import CALIBRATED, CALIBRATION, read_recipe, read_record

PARITY_TOLERANCE = 1e-4

UNCALIBRATED: dict[str, Any] = {"temperature": 1.0, "unknown_below": 0.5, "smallest_face_px": SMALLEST_FACE_PX}
"""What a card says of a model that `training calibrate` has not seen."""


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """What to export and how; `data` and `split` name the faces that parity is checked on."""

    model: Path
    out: Path
    data: Path
    split: str
    version: str
    keras: KerasOptions = field(default_factory=KerasOptions)


def export_onnx(options: ExportOptions) -> ModelCard:
    """Write the Keras model as ONNX with its card, and return the card.

    Raises ModelError where the two disagree on real crops: then nothing is left behind.
    """
    source = open_keras(options.model, options.keras)
    recipe = read_recipe(options.model.parent) if options.keras.is_for_a_run else None
    draft = _card(options, source, recipe)
    faces = checked_faces(options.data, options.split, source.size_px, recipe.class_aliases if recipe else None)
    card = write_artefact(convert(source), draft, options.out)
    with removed_on_error(options.out):
        keras_says = source.probabilities(faces.crops)
        got = probabilities_of(options.out, faces.crops)
        check_parity(keras_says, got, PARITY_TOLERANCE)
    return complete_card(options.out, card, faces, got, {"keras": keras_says})


def _card(options: ExportOptions, source: KerasSource, recipe: Recipe | None) -> ModelCard:
    origin = _own_origin(options, source) if recipe is None else _run_origin(options, recipe)
    content = {
        "name": options.out.stem,
        "version": options.version,
        "classes": source.classes,
        "input_size_px": source.size_px,
        "preprocessing_version": PREPROCESSING_VERSION,
        "crop_margin": CROP_MARGIN,
        "precision": "fp32",
        "opset": OPSET,
        "created": datetime.now(UTC).date(),
        "sha256": "0" * 64,
        "source_sha256": sha256_of(options.model.read_bytes()),
        **origin,
    }
    try:
        return ModelCard.model_validate(content)
    except ValidationError as error:
        raise ConfigError(f"no model card can say {first_fault(error)}") from error


def _own_origin(options: ExportOptions, source: KerasSource) -> dict[str, Any]:
    """Return what the card of a user's model says of where it comes from: what was said of it."""
    order = "BGR" if source.pixels.is_bgr else "RGB"
    return {
        **UNCALIBRATED,
        "architecture": source.model.name,
        "data": f"unknown: trained elsewhere; checked on {options.data.name}",
        "recipe": f"{options.model.name}, pixels scaled {options.keras.scale} in {order}, ending in {source.output}",
        "figures": {},
    }


def _run_origin(options: ExportOptions, recipe: Recipe) -> dict[str, Any]:
    """Return what the card of a run's model says of where it comes from: its recipe, data and calibration."""
    splits = sorted({split for stage in recipe.stages for split in stage.splits})
    stages = ", ".join(f"{stage.size_px} px x {stage.epochs}" for stage in recipe.stages)
    return {
        **_calibration(options.model),
        "architecture": recipe.backbone,
        "data": f"{options.data.name}: trained on {', '.join(splits)}; chosen and calibrated on val; "
        "for research use, see WEIGHTS.md",
        "recipe": f"{recipe.name}: {stages} epochs of {recipe.images_per_epoch} pictures, weights {recipe.weights}, "
        f"seed {recipe.seed}",
    }


def _calibration(model: Path) -> dict[str, Any]:
    """Return what `training calibrate` found; another model of the run has no temperature in it."""
    if model.name != CALIBRATED:
        return {**UNCALIBRATED, "figures": {}}
    found = read_record(model.parent / CALIBRATION, Calibration).model_dump()
    keys = {name: found[name] for name in UNCALIBRATED}
    rest = {name: value for name, value in found.items() if name not in keys and isinstance(value, int | float)}
    return {**keys, "figures": {f"calibration_{name}": float(value) for name, value in rest.items()}}
