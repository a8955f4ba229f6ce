"""Draws a mask on a photographed face: shape, folds, light, and the ways that people wear it.

The shapes follow photographs of masks as they are worn: taut from ear to ear, narrower towards the chin, a shadow
on the skin below. All lengths are shares of the face, so a picture of any size can be drawn on.
"""

from dataclasses import dataclass
from enum import Enum

import cv2
import numpy as np

from pipeline.sources.face_axes import FaceAxes, closed_curve
from pipeline.sources.looks import skin_likeness
from pipeline.sources.mask_shading import MaskKind, cast_shadow, fabric_shade, rim_shade
from pipeline.types import Float32Array, MaskState, UInt8Array

SUPERSAMPLING_BITS = 4
"""Fractional bits of a polygon's corners: they lie between pixels, and the edge is anti-aliased."""

EDGE_SOFTNESS = 0.02
"""Standard deviation of an edge's blur, as a share of the distance from the eyes to the mouth."""

LOOP_WIDTH = 0.05
LOOP_COLOR = (226, 226, 222)


class MaskWear(Enum):
    """How a mask sits on a face."""

    SNUG = "over nose and mouth"
    NOSE_FREE = "under the nose"
    CHIN = "on the chin"
    NONE = "no mask"

    @property
    def state(self) -> MaskState:
        """What a right verdict on it is."""
        return _STATES[self]


_STATES = {
    MaskWear.SNUG: MaskState.MASKED,
    MaskWear.NOSE_FREE: MaskState.INCORRECT,
    MaskWear.CHIN: MaskState.INCORRECT,
    MaskWear.NONE: MaskState.UNMASKED,
}


@dataclass(frozen=True, slots=True)
class MaskStyle:
    """A mask's cut and its colour (R, G, B) in full light."""

    kind: MaskKind
    color: tuple[int, int, int]


SURGICAL_BLUE = MaskStyle(MaskKind.SURGICAL, (150, 204, 232))
SURGICAL_GREEN = MaskStyle(MaskKind.SURGICAL, (142, 208, 190))
SURGICAL_WHITE = MaskStyle(MaskKind.SURGICAL, (234, 236, 238))
CLOTH_BLACK = MaskStyle(MaskKind.CLOTH, (44, 44, 48))
FFP2_WHITE = MaskStyle(MaskKind.FFP2, (240, 240, 238))
STYLES = (SURGICAL_BLUE, SURGICAL_GREEN, SURGICAL_WHITE, CLOTH_BLACK, FFP2_WHITE)

OUTLINES: dict[MaskWear, tuple[tuple[float, float], ...]] = {
    MaskWear.SNUG: (
        (0.0, 0.20),
        (0.24, 0.27),
        (0.58, 0.43),
        (0.90, 0.48),
        (0.91, 0.76),
        (0.83, 1.22),
        (0.62, 1.62),
        (0.32, 1.88),
        (0.0, 1.95),
    ),
    MaskWear.NOSE_FREE: (
        (0.0, 0.78),
        (0.30, 0.77),
        (0.62, 0.72),
        (0.90, 0.66),
        (0.92, 0.95),
        (0.84, 1.34),
        (0.62, 1.70),
        (0.32, 1.95),
        (0.0, 2.02),
    ),
    MaskWear.CHIN: (
        (0.0, 1.36),
        (0.30, 1.31),
        (0.58, 1.17),
        (0.84, 0.98),
        (0.88, 1.16),
        (0.78, 1.52),
        (0.58, 1.86),
        (0.30, 2.08),
        (0.0, 2.14),
    ),
}
"""The right half of each outline, from the top to the bottom, as (x, v) of `FaceAxes`."""

TOP_CORNER, LOWER_CORNER = 3, 5
"""The points of an outline at which the ear loops are sewn on."""

EAR = (1.02, 0.10)


def draw_mask(picture: UInt8Array, light: Float32Array, axes: FaceAxes, wear: MaskWear, style: MaskStyle) -> UInt8Array:
    """Return a copy of an (H, W, 3) uint8 RGB picture in which the face at `axes` wears a mask of `style` so.

    `light` is what `light_on_face` gives for the face before its skin was toned: (H, W) float32.
    """
    if wear is MaskWear.NONE:
        return picture.copy()
    outline, cover = OUTLINES[wear], mask_cover(picture.shape, axes, wear)
    loops = _loops(picture, axes, outline) * (1 - cover)
    skin = picture * cast_shadow(np.maximum(cover, loops * 0.5), axes)[..., None]
    skin += loops[..., None] * (np.array(LOOP_COLOR, np.float32) * light[..., None] - skin)
    span = (outline[0][1], outline[-1][1])
    shade = light * fabric_shade(axes, picture.shape, span, style.kind) * rim_shade(cover, axes)
    mixed = skin + cover[..., None] * (np.array(style.color, np.float32) * shade[..., None] - skin)
    return np.asarray(np.clip(mixed + 0.5, 0, 255), np.uint8)


def mask_cover(shape: tuple[int, ...], axes: FaceAxes, wear: MaskWear) -> Float32Array:
    """Return the (H, W) float32 share of each pixel that the mask covers in a picture of `shape`."""
    if wear is MaskWear.NONE:
        return np.zeros(shape[:2], np.float32)
    right = np.array(OUTLINES[wear], np.float32)
    left = right[-2:0:-1] * np.array((-1, 1), np.float32)
    polygon = axes.to_pixels(closed_curve(np.concatenate((right, left))))
    filled = np.zeros(shape[:2], np.uint8)
    corners = np.round(polygon * (1 << SUPERSAMPLING_BITS)).astype(np.int32)
    cv2.fillPoly(filled, [corners], 255, cv2.LINE_AA, SUPERSAMPLING_BITS)
    return _soft(filled, axes)


def _loops(picture: UInt8Array, axes: FaceAxes, outline: tuple[tuple[float, float], ...]) -> Float32Array:
    """Return the (H, W) float32 share of each pixel that the ear loops cover; none where hair lies over them."""
    drawn = np.zeros(picture.shape[:2], np.uint8)
    thickness = max(1, round(LOOP_WIDTH * axes.unit_px))
    for side in (-1, 1):
        for corner in (outline[TOP_CORNER], outline[LOWER_CORNER]):
            middle = ((corner[0] + EAR[0]) / 2 + 0.02, (corner[1] + EAR[1]) / 2)
            line = axes.to_pixels(np.array((corner, middle, EAR), np.float32) * np.array((side, 1), np.float32))
            points = np.round(line * (1 << SUPERSAMPLING_BITS)).astype(np.int32)
            cv2.polylines(drawn, [points], False, 255, thickness, cv2.LINE_AA, SUPERSAMPLING_BITS)
    return _soft(drawn, axes) * skin_likeness(picture, axes)


def _soft(filled: UInt8Array, axes: FaceAxes) -> Float32Array:
    sigma = max(0.5, EDGE_SOFTNESS * axes.unit_px)
    return np.asarray(cv2.GaussianBlur(filled, (0, 0), sigma), np.float32) / np.float32(255)
