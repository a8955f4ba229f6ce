"""The networks: a Keras backbone on bytes in, logits out, at any input size."""

from pathlib import Path
from typing import Any

import keras

from pipeline.errors import ModelError
from training.config import Recipe

EMBEDDING_LAYER = "embedding"
HEAD_LAYER = "logits"
BACKBONES = {"densenet201": keras.applications.DenseNet201, "vgg19": keras.applications.VGG19}


def build_model(recipe: Recipe) -> Any:
    """Return the model of `recipe`: input (B, S, S, 3) uint8 RGB, output (B, C) float32 logits.

    Raises ModelError where the recipe's weights can't be had.
    """
    pixels = keras.Input((None, None, 3), dtype="uint8", name="pixels")
    scaled = keras.layers.Rescaling(1 / 127.5, offset=-1.0, name="scaled")(pixels)
    backbone = _backbone(recipe)
    backbone.trainable = not recipe.freeze_backbone
    features = backbone(scaled)
    embedding = keras.layers.GlobalAveragePooling2D(name=EMBEDDING_LAYER)(features)
    dropped = keras.layers.Dropout(recipe.dropout, seed=recipe.seed, name="dropout")(embedding)
    logits = keras.layers.Dense(len(recipe.classes), name=HEAD_LAYER)(dropped)
    return keras.Model(pixels, logits, name=recipe.name.replace("-", "_"))


def _backbone(recipe: Recipe) -> Any:
    weights: str | None = recipe.weights
    if weights == "none":
        weights = None
    elif weights != "imagenet" and not Path(recipe.weights).is_file():
        raise ModelError(f"weights is imagenet, none or a file of weights; got {recipe.weights}, which does not exist")
    try:
        return BACKBONES[recipe.backbone](include_top=False, weights=weights, input_shape=(None, None, 3))
    except (OSError, ValueError, Exception) as error:  # keras raises bare Exception when a download fails
        raise ModelError(
            f"cannot load the {recipe.weights} weights of {recipe.backbone}: {error}; "
            "give a local file, or weights: none to start from scratch"
        ) from error


def embedding_model(model: Any) -> Any:
    """Return `model` cut after its pooled embedding: output (B, D) float32."""
    return keras.Model(model.input, model.get_layer(EMBEDDING_LAYER).output)
