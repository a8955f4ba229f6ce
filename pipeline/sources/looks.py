"""Makes different people of one photographed person: tones of skin, hair and clothes, and a turned head."""

from dataclasses import dataclass
from typing import TypeAlias, TypeVar, cast

import cv2
import numpy as np

from pipeline.sources.face_axes import FaceAxes
from pipeline.types import Float32Array, UInt8Array

SKIN_TOLERANCE = 14.0
"""How far, in units of Cr and Cb, a pixel may lie from the cheeks' colour and count as skin."""

LUMA_WEIGHT = 0.55
"""What darkness counts beside Cr and Cb: brown hair has the hue of skin, and is darker; a shining forehead is skin."""

REGION_BLUR = 0.08
REGION_CONTRAST = 2.5
"""Skin is smoothed by REGION_BLUR, in units of eyes to mouth, then its edge is drawn narrower again: no speckles."""

EDGE_WIDTH = 0.12

Gain: TypeAlias = tuple[float, float, float]
Layer = TypeVar("Layer", UInt8Array, Float32Array)


@dataclass(frozen=True, slots=True)
class Look:
    """How one actor differs from the photograph: factors on R, G and B of skin, hair and clothes.

    `clothes_hue_deg` turns the clothes' hue and `clothes_saturation` multiplies their saturation; `turn` moves the
    features sideways, as a share of half the face's width (0.2 is a head turned by about 12 degrees).
    """

    skin: Gain = (1.0, 1.0, 1.0)
    hair: Gain = (1.0, 1.0, 1.0)
    clothes: Gain = (1.0, 1.0, 1.0)
    clothes_hue_deg: float = 0.0
    clothes_saturation: float = 1.0
    turn: float = 0.0
    mirrored: bool = False


def recolour(picture: UInt8Array, axes: FaceAxes, look: Look) -> UInt8Array:
    """Return an (H, W, 3) uint8 RGB picture of the person at `axes` in the tones of `look`."""
    skin, hair, clothes = _regions(picture, axes)
    gain = np.ones(picture.shape, np.float32)
    for region, factors in ((skin, look.skin), (hair, look.hair), (clothes, look.clothes)):
        gain += region[..., None] * (np.array(factors, np.float32) - 1)
    dyed = _dyed(picture, look.clothes_hue_deg, look.clothes_saturation)
    mixed = picture + clothes[..., None] * (dyed.astype(np.float32) - picture)
    return np.asarray(np.clip(mixed * gain + 0.5, 0, 255), np.uint8)


def turn_head(layer: Layer, axes: FaceAxes, turn: float) -> Layer:
    """Return an (H, W) or (H, W, 3) layer, its features moved sideways inside the head as on a turned cylinder."""
    x, v = axes.of_pixels(layer.shape)
    inside = np.clip(1 - (x / 1.15) ** 2, 0, 1) * np.clip(1 - ((v - 0.5) / 1.9) ** 2, 0, 1)
    half_px = float(np.mean(axes.half_widths)) * np.array(axes.across, np.float32)
    rows, columns = np.indices(layer.shape[:2], np.float32)
    shift = np.asarray(turn * inside, np.float32)
    columns, rows = columns - shift * half_px[0], rows - shift * half_px[1]
    moved = cv2.remap(layer, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return cast(Layer, moved)


def skin_likeness(picture: UInt8Array, axes: FaceAxes) -> Float32Array:
    """Return (H, W) float32 in [0, 1]: 1 where a pixel has the colour of the cheeks."""
    colors = cv2.cvtColor(picture, cv2.COLOR_RGB2YCrCb).astype(np.float32)
    cheeks = axes.to_pixels(np.array([(side * x, v) for side in (-1, 1) for x in (0.4, 0.55) for v in (0.5, 0.7)]))
    columns, rows = np.round(cheeks).astype(int).T
    rows, columns = np.clip(rows, 0, picture.shape[0] - 1), np.clip(columns, 0, picture.shape[1] - 1)
    luma, red, blue = np.moveaxis(colors - np.median(colors[rows, columns], axis=0), 2, 0)
    distance = np.hypot(np.hypot(red, blue), LUMA_WEIGHT * np.minimum(luma, 0))
    return np.asarray(np.clip(2 - distance / SKIN_TOLERANCE, 0, 1), np.float32)


def _regions(picture: UInt8Array, axes: FaceAxes) -> tuple[Float32Array, Float32Array, Float32Array]:
    """Return skin, hair and clothes, each (H, W) float32 in [0, 1]."""
    x, v = axes.of_pixels(picture.shape)
    around = _oval(x / 1.15, (v - 0.5) / 1.75)
    features = _oval(x / 0.72, (v - 0.55) / 0.85)
    blur = REGION_BLUR * axes.unit_px
    smooth = cv2.GaussianBlur(skin_likeness(picture, axes) * around, (0, 0), blur)
    skin = np.clip(REGION_CONTRAST * (smooth - 0.5) + 0.5, 0, 1)
    hair = (1 - skin) * (1 - features) * _step(1.25 - v)
    clothes = (1 - skin) * _step(v - 1.75)
    return np.asarray(skin, np.float32), np.asarray(hair, np.float32), np.asarray(clothes, np.float32)


def _oval(across: Float32Array, down: Float32Array) -> Float32Array:
    """Return float32 1 inside the unit circle and 0 outside, with a soft edge."""
    return _step(1 - np.hypot(across, down))


def _step(distance: Float32Array) -> Float32Array:
    return np.asarray(np.clip(distance / EDGE_WIDTH + 0.5, 0, 1), np.float32)


def _dyed(picture: UInt8Array, hue_deg: float, saturation: float) -> UInt8Array:
    hsv = cv2.cvtColor(picture, cv2.COLOR_RGB2HSV)
    hsv[..., 0] = (hsv[..., 0].astype(np.int32) + round(hue_deg / 2)) % 180
    hsv[..., 1] = np.clip(hsv[..., 1] * saturation, 0, 255).astype(np.uint8)
    return np.asarray(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB), np.uint8)
