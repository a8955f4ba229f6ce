"""A person's picture that can be set into a frame at any place, size and tilt."""

from dataclasses import dataclass, field

import cv2
import numpy as np

from pipeline.types import Box, Float32Array, UInt8Array

HALVE_BELOW = 0.6
"""A sprite shrunk further than this is set in from its half-size copy, else fine detail would flicker."""


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a sprite goes: the middle of its face and the face's height in pixels of the frame, its tilt clockwise."""

    x: float
    y: float
    face_px: float
    tilt_deg: float


@dataclass(frozen=True, slots=True, eq=False)
class Sprite:
    """(H, W, 3) uint8 RGB, its matte (H, W) float32 in [0, 1], and the box of the face in it."""

    rgb: UInt8Array = field(repr=False)
    matte: Float32Array = field(repr=False)
    face: Box

    def halved(self) -> "Sprite":
        """Return the sprite at half its size."""
        size = (self.rgb.shape[1] // 2, self.rgb.shape[0] // 2)
        rgb, matte = (cv2.resize(layer, size, interpolation=cv2.INTER_AREA) for layer in (self.rgb, self.matte))
        face = Box(self.face.x1 / 2, self.face.y1 / 2, self.face.x2 / 2, self.face.y2 / 2)
        return Sprite(np.asarray(rgb, np.uint8), np.asarray(matte, np.float32), face)

    def scale(self, placement: Placement) -> float:
        return placement.face_px / self.face.height


def set_in(picture: UInt8Array, sprite: Sprite, placement: Placement, bottom: int) -> None:
    """Draw `sprite` into an (H, W, 3) uint8 RGB picture, in place, above the row `bottom`."""
    to_frame = _to_frame(sprite, placement)
    height, width = sprite.matte.shape
    corners = to_frame @ np.array(((0, width, 0, width), (0, 0, height, height), (1, 1, 1, 1)), np.float32)
    x1, y1 = np.maximum(np.floor(corners.min(axis=1)).astype(int), 0)
    x2, y2 = np.minimum(np.ceil(corners.max(axis=1)).astype(int), (picture.shape[1], bottom))
    if x1 >= x2 or y1 >= y2:
        return
    to_frame[:, 2] -= (x1, y1)
    size = (int(x2 - x1), int(y2 - y1))
    rgb = cv2.warpAffine(sprite.rgb, to_frame, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    matte = cv2.warpAffine(sprite.matte, to_frame, size, flags=cv2.INTER_LINEAR)
    picture[y1:y2, x1:x2] = cv2.blendLinear(rgb, picture[y1:y2, x1:x2], matte, 1 - matte)


def _to_frame(sprite: Sprite, placement: Placement) -> Float32Array:
    """Return the (2, 3) matrix from the sprite's pixels to the frame's."""
    turn = cv2.getRotationMatrix2D(sprite.face.center, -placement.tilt_deg, sprite.scale(placement))
    turn[:, 2] += np.subtract((placement.x, placement.y), sprite.face.center)
    return np.asarray(turn, np.float32)
