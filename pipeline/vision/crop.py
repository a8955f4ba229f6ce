"""The one way from a face's box to the picture that the network sees, shared by training and serving."""

import math

import cv2
import numpy as np

from pipeline.types import Box, Frame, UInt8Array
from pipeline.vision.i420 import rgb_region

CROP_MARGIN = 0.1
"""Context around the face on each side, as a share of its longer side."""

PREPROCESSING_VERSION = 1
"""Raised whenever a crop's pixels change: a model card names the version that the model was trained with."""


def crop_region(box: Box, margin: float = CROP_MARGIN) -> Box:
    """Return the square around `box` that is cropped: its longer side plus `margin` of it on each side."""
    side = box.size_px * (1 + 2 * margin)
    return Box.around(box.center, side, side)


def pixel_bounds(region: Box) -> tuple[int, int, int]:
    """Return left, top and side of `region` in whole pixels, the side at least 1."""
    side = max(1, round(region.size_px))
    x, y = region.center
    return math.floor(x - side / 2 + 0.5), math.floor(y - side / 2 + 0.5), side


def cut_square(picture: UInt8Array, left: int, top: int, side: int) -> UInt8Array:
    """Return the (side, side, 3) square of an (H, W, 3) picture; edge pixels repeat beyond the picture."""
    height, width = picture.shape[:2]
    (x1, x2), (y1, y2) = _inside(left, side, width), _inside(top, side, height)
    inside = picture[y1:y2, x1:x2]
    before_x, before_y = min(max(0, -left), side - (x2 - x1)), min(max(0, -top), side - (y2 - y1))
    after_x, after_y = side - (x2 - x1) - before_x, side - (y2 - y1) - before_y
    if not (before_x or before_y or after_x or after_y):
        return inside
    padded = cv2.copyMakeBorder(inside, before_y, after_y, before_x, after_x, cv2.BORDER_REPLICATE)
    return np.asarray(padded, np.uint8)


def _inside(start: int, length: int, limit: int) -> tuple[int, int]:
    """Return the part of [start, start + length) inside [0, limit); the nearest single pixel where there is none."""
    first = min(max(start, 0), limit - 1)
    return first, min(max(start + length, first + 1), limit)


def resize_square(square: UInt8Array, size_px: int) -> UInt8Array:
    """Return `square` (N, N, 3) as (size_px, size_px, 3): area average when shrinking, bilinear when growing."""
    if square.shape[0] == size_px:
        return np.ascontiguousarray(square)
    interpolation = cv2.INTER_AREA if square.shape[0] > size_px else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(square, (size_px, size_px), interpolation=interpolation), np.uint8)


def crop_face(picture: UInt8Array, box: Box, size_px: int, margin: float = CROP_MARGIN) -> UInt8Array:
    """Return the (size_px, size_px, 3) RGB crop of the face at `box` in an (H, W, 3) RGB picture."""
    return resize_square(cut_square(picture, *pixel_bounds(crop_region(box, margin))), size_px)


def crop_frame_face(frame: Frame, box: Box, size_px: int, margin: float = CROP_MARGIN) -> UInt8Array:
    """Return the (size_px, size_px, 3) RGB crop of the face at `box` in `frame`, converting only what is needed.

    To the pixel what `crop_face` makes of the whole frame as RGB.
    """
    left, top, side = pixel_bounds(crop_region(box, margin))
    (x1, x2), (y1, y2) = _inside(left, side, frame.width), _inside(top, side, frame.height)
    needed = rgb_region(frame, x1, y1, x2 - x1, y2 - y1)
    return resize_square(cut_square(needed, left - x1, top - y1, side), size_px)
