"""How a network wants its pixels, and how a user says so."""

from dataclasses import dataclass

import numpy as np

from pipeline.errors import ConfigError
from pipeline.types import Float32Array, UInt8Array

Triple = tuple[float, float, float]

IMAGENET_RGB_MEAN = (123.675, 116.28, 103.53)
IMAGENET_RGB_STD = (58.395, 57.12, 57.375)
CAFFE_RGB_MEAN = (123.68, 116.779, 103.939)


@dataclass(frozen=True, slots=True)
class PixelScale:
    """What a network makes of bytes: `factors[c] * level + offsets[c]` for c in R, G, B; then BGR where `is_bgr`."""

    factors: Triple = (1.0, 1.0, 1.0)
    offsets: Triple = (0.0, 0.0, 0.0)
    is_bgr: bool = False

    def apply(self, crops: UInt8Array) -> Float32Array:
        """Return the (N, S, S, 3) float32 pixels of (N, S, S, 3) uint8 RGB `crops`."""
        scaled = crops * np.array(self.factors, np.float32) + np.array(self.offsets, np.float32)
        return np.asarray(scaled[..., ::-1] if self.is_bgr else scaled, np.float32)


BYTES = PixelScale()

NAMED_SCALES = {
    "none": BYTES,
    "unit": PixelScale(factors=(1 / 255,) * 3),
    "symmetric": PixelScale(factors=(1 / 127.5,) * 3, offsets=(-1.0,) * 3),
    "torch": PixelScale(
        factors=(1 / IMAGENET_RGB_STD[0], 1 / IMAGENET_RGB_STD[1], 1 / IMAGENET_RGB_STD[2]),
        offsets=(
            -IMAGENET_RGB_MEAN[0] / IMAGENET_RGB_STD[0],
            -IMAGENET_RGB_MEAN[1] / IMAGENET_RGB_STD[1],
            -IMAGENET_RGB_MEAN[2] / IMAGENET_RGB_STD[2],
        ),
    ),
    "caffe": PixelScale(offsets=(-CAFFE_RGB_MEAN[0], -CAFFE_RGB_MEAN[1], -CAFFE_RGB_MEAN[2]), is_bgr=True),
}
"""The scales of `keras.applications`: [0, 255], [0, 1], [-1, 1], ImageNet's unit variance, BGR less ImageNet's mean."""


def parse_pixel_scale(text: str, channels: str | None = None) -> PixelScale:
    """Return the scale of that name, or of FACTOR or FACTOR,OFFSET; a factor may be a quotient such as 1/255.

    `channels` is `rgb` or `bgr`, None the order of the named scale. Raises ConfigError for anything else.
    """
    scale = NAMED_SCALES.get(text) or _numbers(text)
    is_bgr = scale.is_bgr if channels is None else channels == "bgr"
    return PixelScale(scale.factors, scale.offsets, is_bgr)


def _numbers(text: str) -> PixelScale:
    factor, _, offset = text.partition(",")
    dividend, _, divisor = factor.partition("/")
    try:
        slope, shift = float(dividend) / float(divisor or 1), float(offset or 0)
    except (ValueError, ZeroDivisionError):
        slope, shift = 0.0, 0.0
    if not (np.isfinite((slope, shift)).all() and slope):
        raise ConfigError(
            f"--scale is one of {', '.join(NAMED_SCALES)}, or FACTOR or FACTOR,OFFSET such as 1/127.5,-1; got {text!r}"
        )
    return PixelScale((slope,) * 3, (shift,) * 3)
