"""Light and folds of a drawn mask, as factors on its colour."""

from enum import Enum

import cv2
import numpy as np

from pipeline.sources.face_axes import FaceAxes
from pipeline.types import Float32Array, UInt8Array

FULL_LIGHT = 178.0
"""Luma of a cheek in full light, to which a mask's colour refers."""

LIGHT_RADIUS = 0.55
"""Blur of the face's own light, in units of eyes to mouth: wide enough that lips and nostrils don't show through."""

PLEAT_COUNT = 3
PLEAT_DEPTH = 0.16
WRINKLE_DEPTH = 0.05
NOISE_SEED = 7


class MaskKind(Enum):
    """The cut of a mask, which decides its folds."""

    SURGICAL = "surgical"
    CLOTH = "cloth"
    FFP2 = "ffp2"


def light_on_face(picture: UInt8Array, axes: FaceAxes) -> Float32Array:
    """Return the (H, W) float32 light that falls on the face, 1 in full light, from its own smoothed luma."""
    luma = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
    smooth = cv2.GaussianBlur(luma, (0, 0), LIGHT_RADIUS * axes.unit_px)
    x, v = axes.of_pixels(picture.shape)
    on_face = (np.abs(x) < 0.8) & (v > -0.2) & (v < 1.4)
    level = float(luma[on_face].mean()) if on_face.any() else FULL_LIGHT
    exposure = np.clip(level / FULL_LIGHT, 0.45, 1.08)
    return np.asarray(exposure * np.clip(smooth / max(level, 1.0), 0.72, 1.15) ** 0.6, np.float32)


def fabric_shade(axes: FaceAxes, shape: tuple[int, ...], span: tuple[float, float], kind: MaskKind) -> Float32Array:
    """Return the (H, W) float32 shade of a mask that spans v from `span[0]` to `span[1]`: its roundness and folds."""
    x, v = axes.of_pixels(shape)
    height = (v - span[0]) / (span[1] - span[0])
    roundness = 1.04 - 0.26 * np.abs(x) ** 2.4 - 0.16 * np.clip(height - 0.55, 0, 1) ** 1.5
    folds = _FOLDS[kind](x, height)
    return np.asarray(roundness + folds + _wrinkles(axes, shape), np.float32)


def rim_shade(cover: Float32Array, axes: FaceAxes) -> Float32Array:
    """Return the (H, W) float32 shade of the sewn rim: a lighter band, and the dark line of its seam."""
    distance = cv2.distanceTransform((cover > 0.5).astype(np.uint8), cv2.DIST_L2, 3)
    inside = np.asarray(distance / axes.unit_px, np.float32)
    seam = _line(inside - 0.085, 0.018)
    return np.asarray(1 + 0.03 * (inside < 0.08) - 0.07 * seam, np.float32)


def cast_shadow(cover: Float32Array, axes: FaceAxes) -> Float32Array:
    """Return the (H, W) float32 factor on the skin around a mask: darker close to it and below it."""
    near = cv2.GaussianBlur(cover, (0, 0), 0.045 * axes.unit_px)
    fall = cv2.GaussianBlur(cover, (0, 0), 0.12 * axes.unit_px)
    shift = np.array(((1, 0, axes.down[0] * 0.06), (0, 1, axes.down[1] * 0.06)), np.float32)
    below = cv2.warpAffine(fall, shift, (cover.shape[1], cover.shape[0]))
    return np.asarray(1 - 0.22 * near - 0.22 * below, np.float32)


def _pleats(x: Float32Array, height: Float32Array) -> Float32Array:
    """Three folds that open in the middle: a dark line, and a lighter fold under it."""
    shade = np.zeros_like(x)
    for pleat in range(PLEAT_COUNT):
        level = 0.30 + 0.19 * pleat
        offset = np.asarray(height - level - (0.10 - 0.12 * level) * x**2 * (1 - 2 * level), np.float32)
        depth = PLEAT_DEPTH * (0.55 + 0.45 * np.abs(x))
        shade += depth * (0.5 * _line(offset - 0.045, 0.03) - _line(offset, 0.014))
    return shade


def _seam(x: Float32Array, height: Float32Array) -> Float32Array:
    """A seam down the middle, the cloth bulging on both sides."""
    bulge = 0.12 * np.exp(-(((np.abs(x) - 0.28) / 0.22) ** 2) - ((height - 0.35) / 0.3) ** 2)
    return np.asarray(bulge - 0.10 * _line(x, 0.015), np.float32)


def _ridge(x: Float32Array, height: Float32Array) -> Float32Array:
    """A welded ridge down the middle, one side turned from the light, and a fold across the nose."""
    turned = 0.05 * np.tanh(-x / 0.05)
    across = _line(np.asarray(height - 0.16 - 0.12 * np.abs(x), np.float32), 0.012)
    return np.asarray(turned + 0.05 * _line(x, 0.03) - 0.08 * _line(x - 0.04, 0.02) - 0.06 * across, np.float32)


def _wrinkles(axes: FaceAxes, shape: tuple[int, ...]) -> Float32Array:
    """Soft creases, longer across the face than down it; the same for the same face."""
    noise = np.random.default_rng(NOISE_SEED).standard_normal(shape[:2]).astype(np.float32)
    soft = cv2.GaussianBlur(noise, (0, 0), 0.16 * axes.unit_px, sigmaY=0.05 * axes.unit_px)
    return np.asarray(WRINKLE_DEPTH * soft / max(float(soft.std()), 1e-6), np.float32)


def _line(offset: Float32Array, width: float) -> Float32Array:
    return np.asarray(np.exp(-((offset / np.float32(width)) ** 2)), np.float32)


_FOLDS = {MaskKind.SURGICAL: _pleats, MaskKind.CLOTH: _seam, MaskKind.FFP2: _ridge}
