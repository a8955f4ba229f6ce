"""How much a view of a face can tell: by size, pose and sharpness."""

import cv2
import numpy as np

from pipeline.types import Face, UInt8Array

SMALLEST_FACE_PX = 8.0
FULL_FACE_PX = 64.0


def size_quality(size_px: float) -> float:
    """Return 0 for a face of `SMALLEST_FACE_PX`, 1 from `FULL_FACE_PX` on, linear in the logarithm between."""
    span = np.log(FULL_FACE_PX / SMALLEST_FACE_PX)
    return float(np.clip(np.log(max(size_px, 1.0) / SMALLEST_FACE_PX) / span, 0.0, 1.0))


def pose_quality(face: Face) -> float:
    """Return 1 for a frontal face, falling to 0.2 in profile; 1 where there are no key points.

    The nose tip is projected on the line between the eyes: at its middle in a frontal face, beyond its ends in profile.
    """
    if len(face.key_points) < 3:
        return 1.0
    right, left, nose = (np.asarray(point, np.float64) for point in face.key_points[:3])
    across = left - right
    length = float(across @ across)
    if length < 1.0:
        return 0.2
    place = float((nose - right) @ across) / length
    return float(np.clip(1.4 - 1.2 * abs(2 * place - 1), 0.2, 1.0))


def sharpness(crop: UInt8Array, size_px: float) -> float:
    """Return the sharpness of an (S, S, 3) RGB crop of a face of `size_px` pixels, in [0, 1].

    Variance of the Laplacian (Pech-Pacheco et al. 2000) over that of the luma, so that light and contrast cancel, at
    the face's own resolution or 64 px: an enlarged small face is not called blurred, its size says enough.
    """
    side = int(np.clip(size_px, 16, 64))
    luma = cv2.cvtColor(cv2.resize(crop, (side, side), interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY)
    laplacian = cv2.Laplacian(luma, cv2.CV_32F)
    ratio = float(laplacian.var()) / (float(luma.var()) + 1.0)
    return ratio / (ratio + 0.1)


def view_quality(face: Face, crop: UInt8Array) -> float:
    """Return how far this view of `face` can be trusted, in [0, 1]: the product of size, pose and sharpness."""
    return size_quality(face.box.size_px) * pose_quality(face) * sharpness(crop, face.box.size_px)
