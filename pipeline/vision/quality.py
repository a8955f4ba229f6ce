"""How much a view of a face can tell: by size, pose and sharpness.

Each term was set by what it costs the first shipped model (64 px, int8) on 130 to 367 faces of `val`, where it is right
on 94 % of undisturbed faces of 60 px and more. The network bears a lot, so that no term comes near 0.
"""

import cv2
import numpy as np

from pipeline.types import Face, Frame, UInt8Array
from pipeline.vision.crop import crop_region, cut_square, pixel_bounds

SMALL_FACE_PX, SMALL_FACE_QUALITY = 8.0, 0.4
"""Faces reduced to 32, 20, 14, 10 and 7 px: 93, 92, 90, 90 and 85 % right."""

FULL_FACE_PX = 64.0
"""A larger face tells no more: it is what the network sees."""

STRAIGHT_OFFSET, PROFILE_QUALITY = 0.3, 0.6
"""Nose within 0.3 half eye distances of the middle: 93 to 97 % right, any further: 90 %."""

SHARP_RATIO, BLURRED_QUALITY = 0.1, 0.5
"""Gaussian blur of 2, 5 and 10 % of the face: 92, 90 and 85 % right, with median ratios of 0.03, 0.004 and 0.002.

Undisturbed faces: 0.1 in the lowest tenth, 0.26 in the median; among them sharper is not better.
"""


def size_quality(size_px: float) -> float:
    """Return the quality of a face of `size_px`, in [0.4, 1]: linear in the logarithm from 8 to 64 px."""
    return float(np.interp(np.log(max(size_px, 1.0)), np.log((SMALL_FACE_PX, FULL_FACE_PX)), (SMALL_FACE_QUALITY, 1.0)))


def pose_quality(face: Face) -> float:
    """Return the quality of the face's pose, in [0.6, 1]: 1 where it is frontal or has no key points.

    The nose tip is projected on the line between the eyes: at its middle in a frontal face, beyond its ends in profile.
    """
    if len(face.key_points) < 3:
        return 1.0
    right, left, nose = (np.asarray(point, np.float64) for point in face.key_points[:3])
    across = left - right
    square = float(across @ across)
    if square < 1.0:
        return PROFILE_QUALITY
    offset = abs(2 * float((nose - right) @ across) / square - 1)
    return float(np.interp(offset, (STRAIGHT_OFFSET, 1.0), (1.0, PROFILE_QUALITY)))


def sharpness_quality(crop: UInt8Array, size_px: float) -> float:
    """Return the quality of an (S, S, 3) uint8 RGB crop of a face of `size_px` by its sharpness, in [0.5, 1]."""
    side = _sharpness_side(size_px)
    small = cv2.resize(crop, (side, side), interpolation=cv2.INTER_AREA)
    return _luma_sharpness(np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), np.uint8))


def face_sharpness(frame: Frame, face: Face) -> float:
    """Return the same for `face` in `frame`, of its luma alone: no crop is made for it."""
    left, top, side = pixel_bounds(crop_region(face.box))
    small = _sharpness_side(face.box.size_px)
    square = cut_square(frame.y, left, top, side)
    return _luma_sharpness(np.asarray(cv2.resize(square, (small, small), interpolation=cv2.INTER_AREA), np.uint8))


def _sharpness_side(size_px: float) -> int:
    """Return the side at which to measure: the face's own, for an enlarged small face is not blurred."""
    return int(np.clip(size_px, 16, FULL_FACE_PX))


def _luma_sharpness(luma: UInt8Array) -> float:
    """Return the variance of the Laplacian (Pech-Pacheco et al. 2000) over that of the luma, as a quality.

    So light and contrast cancel.
    """
    ratio = float(cv2.Laplacian(luma, cv2.CV_32F).var()) / (float(luma.var()) + 1.0)
    return float(np.interp(ratio, (0.0, SHARP_RATIO), (BLURRED_QUALITY, 1.0)))


def view_quality(face: Face, crop: UInt8Array) -> float:
    """Return the quality in [0, 1] of the view of `face` in its (S, S, 3) uint8 RGB crop: the product of its terms."""
    return size_quality(face.box.size_px) * pose_quality(face) * sharpness_quality(crop, face.box.size_px)
