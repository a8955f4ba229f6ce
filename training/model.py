"""The networks: a Keras backbone on bytes in, logits out, at any input size."""

from pathlib import Path
from typing import Any

import keras  # type: ignore[import-untyped]  # ships no types
import numpy as np

from pipeline.errors import ModelError
from pipeline.types import Float32Array, UInt8Array
from training.backbone import build_backbone, scaled_pixels
from training.config import Recipe

EMBEDDING_LAYER = "embedding"
DROPOUT_LAYER = "dropout"
HEAD_LAYER = "logits"


def build_model(recipe: Recipe) -> Any:
    """Return the model of `recipe`: input (B, S, S, 3) uint8 RGB, output (B, C) float32 logits.

    Raises ModelError where the recipe's weights can't be had.
    """
    pixels = keras.Input((None, None, 3), dtype="uint8", name="pixels")
    features = build_backbone(recipe)(scaled_pixels(pixels, recipe.input_scaling))
    embedding = keras.layers.GlobalAveragePooling2D(name=EMBEDDING_LAYER)(features)
    dropped = keras.layers.Dropout(recipe.dropout, seed=recipe.seed, name=DROPOUT_LAYER)(embedding)
    logits = keras.layers.Dense(len(recipe.classes), name=HEAD_LAYER)(dropped)
    model = keras.Model(pixels, logits, name=recipe.name.replace("-", "_"))
    if recipe.goes_on_from_a_run:
        _take_over(model, Path(recipe.weights))
    return model


def load_model(path: Path) -> Any:
    """Return the Keras model at `path`, without its optimizer; raise ModelError where there is none."""
    if not path.is_file():
        raise ModelError(f"no model file {path}")
    try:
        return keras.models.load_model(path, compile=False)
    except Exception as error:  # keras passes on whatever zipfile, h5py and its own deserialisation raise
        raise ModelError(f"{path} is not a model that Keras can load: {str(error).splitlines()[0]}") from error


def predict(model: Any, crops: UInt8Array, batch_size: int = 64) -> Float32Array:
    """Return what a Keras model gives for (N, S, S, 3) uint8 crops: (N, D) float32."""
    return np.asarray(model.predict(crops, batch_size=batch_size, verbose=0), np.float32)


def seed_dropout(model: Any, seed: tuple[int, int]) -> None:
    """Set the state of the dropout's generator, which Keras does not save: a resumed run draws the same again."""
    model.get_layer(DROPOUT_LAYER).seed_generator.state.assign(np.array(seed, np.uint32))


def embedding_model(model: Any) -> Any:
    """Return `model` cut after its pooled embedding: output (B, D) float32."""
    return keras.Model(model.input, head_layer(model, EMBEDDING_LAYER).output)


def _take_over(model: Any, path: Path) -> None:
    """Give `model` the weights of an earlier run's model, its head's too; raise ModelError where they don't fit."""
    try:
        model.set_weights(load_model(path).get_weights())
    except ValueError as error:
        raise ModelError(f"{path} is not of the recipe's network and classes: {str(error).splitlines()[0]}") from error


def head_layer(model: Any, name: str = HEAD_LAYER) -> Any:
    """Return the layer of that name; raise ModelError for a model that `build_model` did not make."""
    try:
        return model.get_layer(name)
    except ValueError as error:
        raise ModelError(
            f"the model {model.name} has no layer {name}: it is not one of `python -m training fit`"
        ) from error
