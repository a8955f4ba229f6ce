"""A Keras classifier with all that is needed to feed it bytes and to read its answers."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras  # type: ignore[import-untyped]  # ships no types
import numpy as np

from exporters.keras2_h5 import load_any_keras
from exporters.keras_options import KerasOptions, OutputKind, known_classes
from exporters.network_output import output_kind, probabilities_of_values
from pipeline.errors import ConfigError, ModelError
from pipeline.types import STATE_COUNT, Float32Array, UInt8Array
from training.faces import LABEL_INDEX
from training.model import load_model
from training.pixel_scale import BYTES, NAMED_SCALES, PixelScale, parse_pixel_scale
from training.run_folder import read_recipe

BATCH_SIZE = 32


@dataclass(frozen=True, slots=True, eq=False)
class KerasSource:
    """A loaded model; `classes` are in the order of its outputs, `pixels` is what it wants to be fed."""

    path: Path
    model: Any
    classes: tuple[str, ...]
    size_px: int
    pixels: PixelScale
    output: OutputKind

    @property
    def takes_bytes(self) -> bool:
        """Whether the model itself turns bytes into numbers."""
        return bool(self.model.inputs[0].dtype == "uint8")

    def probabilities(self, crops: UInt8Array) -> Float32Array:
        """Return the (N, 3) probabilities, in `SCORED_STATES` order, that Keras gives (N, S, S, 3) uint8 RGB crops."""
        batches = [crops[first : first + BATCH_SIZE] for first in range(0, len(crops), BATCH_SIZE)]
        fed = (batch if self.takes_bytes else self.pixels.apply(batch) for batch in batches)
        values = np.concatenate([np.asarray(self.model.predict_on_batch(batch), np.float32) for batch in fed])
        table = np.zeros((len(crops), STATE_COUNT), np.float32)
        table[:, [LABEL_INDEX[name] for name in self.classes]] = probabilities_of_values(values, self.output)
        return table


def open_keras(path: Path, options: KerasOptions) -> KerasSource:
    """Load the Keras model at `path`: one of a run, or the user's own as `options` describe it.

    Raises ConfigError where the options don't fit, ModelError where the model can't be used.
    """
    if options.is_for_a_run:
        return _of_run(path, options.size_px)
    if options.classes is None or options.scale is None:
        raise ConfigError(
            f"a model of your own needs --classes, in the order of its outputs, and --scale, one of "
            f"{', '.join(NAMED_SCALES)} or numbers: how its pixels were scaled in training"
        )
    classes = known_classes(options.classes)
    pixels = parse_pixel_scale(options.scale, options.channels)
    model = load_any_keras(path)
    size_px = _input_size(model, options.size_px)
    if model.inputs[0].dtype == "uint8" and pixels != BYTES:
        raise ConfigError(f"{path} takes bytes and scales them itself: --scale is none then, and its channels are RGB")
    return KerasSource(path, model, classes, size_px, pixels, output_kind(model, options.output, len(classes)))


def _of_run(path: Path, size_px: int | None) -> KerasSource:
    try:
        recipe = read_recipe(path.parent)
    except ConfigError as error:
        raise ConfigError(f"{error}; a model of your own needs --classes and --scale") from error
    model = load_model(path)
    kind = output_kind(model, "logits", len(recipe.classes))
    return KerasSource(path, model, recipe.classes, size_px or recipe.final_size_px, BYTES, kind)


def _input_size(model: Any, asked_px: int | None) -> int:
    """Return the side of the square that `model` takes; raise what says why it can't be fed crops."""
    if len(model.inputs) != 1:
        raise ModelError(f"a classifier has one input, {model.name} has {len(model.inputs)}")
    shape, dtype = tuple(model.inputs[0].shape), keras.backend.standardize_dtype(model.inputs[0].dtype)
    if len(shape) != 4 or shape[3] != 3 or dtype not in {"uint8", "float32"}:
        raise ModelError(
            f"{model.name} takes {shape} {dtype}; a classifier takes (N, S, S, 3) of float32 or uint8: "
            "colour pictures, channels last"
        )
    _, height, width, _ = shape
    if height != width:
        raise ModelError(f"{model.name} takes {width}x{height} pixels; crops of faces are square")
    if asked_px is None and height is None:
        raise ConfigError(f"{model.name} takes any input size: give the one that it was trained at with --size")
    if asked_px is not None and height not in (None, asked_px):
        raise ConfigError(f"{model.name} takes {height} px, got --size {asked_px}")
    return int(height or asked_px or 0)
