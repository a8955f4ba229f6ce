"""The convolutional part of a network: which one, on what scale its pixels come, and where its weights come from."""

from pathlib import Path
from typing import Any

import keras  # type: ignore[import-untyped]  # ships no types

from pipeline.errors import DownloadError, ModelError
from pipeline.inference.no_reports import downloads_allowed
from training.config import Recipe, Scaling
from training.efficientnet_lite import efficientnet_lite0
from training.pixel_scale import NAMED_SCALES

BACKBONES = {
    "densenet201": keras.applications.DenseNet201,
    "efficientnet-lite0": efficientnet_lite0,
    "mobilenetv2": keras.applications.MobileNetV2,
    "vgg19": keras.applications.VGG19,
}
UNNORMALISED = frozenset({"vgg19"})
"""Backbones without batch normalisation: Glorot's weights, Keras's default, let their signal fade on the way down."""

SCALING_LAYER = "scaled"


def scaled_pixels(pixels: Any, scaling: Scaling) -> Any:
    """Return (B, S, S, 3) uint8 RGB `pixels` as the float32 that a backbone was made for.

    `unit` is [0, 1]; `symmetric` [-1, 1]; `torch` RGB of zero mean and unit variance over ImageNet; `caffe` BGR bytes
    less ImageNet's mean, as for VGG (Simonyan and Zisserman, 2015). They are those of `keras.applications`.
    """
    wanted = NAMED_SCALES[scaling]
    factors, offsets = list(wanted.factors), list(wanted.offsets)
    scaled = keras.layers.Rescaling(factors, offset=offsets, name=SCALING_LAYER)(pixels)
    return keras.ops.take(scaled, [2, 1, 0], axis=-1) if wanted.is_bgr else scaled


def build_backbone(recipe: Recipe) -> Any:
    """Return the recipe's backbone with its weights: (B, S, S, 3) float32 in, (B, s, s, D) float32 out.

    Raises DownloadError where ImageNet weights can't be fetched, ModelError where a file of weights does not fit.
    """
    weights = None if recipe.weights == "none" or recipe.goes_on_from_a_run else recipe.weights
    if weights not in (None, "imagenet") and not Path(recipe.weights).is_file():
        raise ModelError(f"weights is imagenet, none or a file of weights; got {recipe.weights}, which does not exist")
    try:
        with downloads_allowed():
            backbone = BACKBONES[recipe.backbone](include_top=False, weights=weights, input_shape=(None, None, 3))
    except Exception as error:  # Keras raises bare Exception when a download fails, and whatever h5py and zipfile do
        raise _without_weights(recipe, error) from error
    if weights is None and recipe.backbone in UNNORMALISED:
        _draw_for_rectifiers(backbone, recipe.seed)
    backbone.trainable = not recipe.freeze_backbone
    return backbone


def _draw_for_rectifiers(backbone: Any, seed: int) -> None:
    """Draw kernels that keep a signal's variance through rectifiers: He et al., Delving Deep into Rectifiers, 2015."""
    layers = [layer for layer in backbone.layers if isinstance(layer, keras.layers.Conv2D)]
    for index, layer in enumerate(layers):
        layer.kernel.assign(keras.initializers.HeNormal(seed=seed + index)(layer.kernel.shape))


def _without_weights(recipe: Recipe, error: Exception) -> ModelError:
    reason = (str(error).splitlines() or [type(error).__name__])[0]
    if recipe.weights == "imagenet":
        return DownloadError(
            f"the ImageNet weights of {recipe.backbone} cannot be fetched ({reason}): give --weights FILE to read them "
            "from a file, or --weights none to start from scratch"
        )
    return ModelError(f"{recipe.weights} does not hold the weights of {recipe.backbone} without its top: {reason}")
