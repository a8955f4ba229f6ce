"""The data generator's pictures: what a camera may do to a face, drawn anew each time it is shown.

The result goes through the same `resize_square` as serving, so that an unchanged draw is the serving crop.
"""

import math
from collections.abc import Callable

import cv2
import numpy as np
from numpy.random import Generator

from pipeline.types import Float32Array, UInt8Array
from pipeline.vision.crop import crop_region, resize_square
from training.config import Augmentation
from training.faces import LabelledFace

TIGHT_ZOOM = (0.72, 1.1)
"""Zoom of pictures without context: outwards would show little but repeated edge pixels."""

MIN_NATIVE_PX = 24
MAX_NATIVE_PX = 224


def augmented_crop(face: LabelledFace, size_px: int, settings: Augmentation, rng: Generator) -> UInt8Array:
    """Return one random look at `face` as (size_px, size_px, 3) uint8 RGB."""
    square = _geometry(face, settings, rng)
    if rng.random() < settings.erase_upper_half:
        square = _erase_upper_half(square, rng)
    if rng.random() < settings.light:
        square = _light(square, rng)
    if rng.random() < settings.grayscale:
        square = np.repeat(cv2.cvtColor(square, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=2)
    for probability, change in _camera_faults(settings):
        if rng.random() < probability:
            square = change(square, rng)
    return resize_square(square, size_px)


def _camera_faults(settings: Augmentation) -> list[tuple[float, Callable[[UInt8Array, Generator], UInt8Array]]]:
    smallest, largest = settings.low_resolution_px

    def low_resolution(square: UInt8Array, rng: Generator) -> UInt8Array:
        side = round(math.exp(rng.uniform(math.log(smallest), math.log(largest))))
        return resize_square(square, min(side, square.shape[0]))

    return [
        (settings.blur, _blur),
        (settings.low_resolution, low_resolution),
        (settings.noise, _noise),
        (settings.compression, _compress),
    ]


def _geometry(face: LabelledFace, settings: Augmentation, rng: Generator) -> UInt8Array:
    """Return the face's square at its own resolution: flipped, turned, sheared, zoomed and shifted."""
    region = crop_region(face.box)
    low, high = TIGHT_ZOOM if face.is_tight else settings.zoom
    side = region.size_px * math.exp(rng.uniform(math.log(low), math.log(high)))
    native = int(np.clip(round(side), MIN_NATIVE_PX, MAX_NATIVE_PX))
    shift = rng.uniform(-settings.shift, settings.shift, 2) * region.size_px
    angle = math.radians(
        np.clip(rng.normal(0, settings.rotation_deg / 2), -settings.rotation_deg, settings.rotation_deg)
    )
    shear = math.tan(math.radians(rng.uniform(-settings.shear_deg, settings.shear_deg)))
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    linear = turn @ np.array([[1.0, shear], [0.0, 1.0]]) * (side / native)
    if rng.random() < settings.flip:
        linear[:, 0] *= -1
    # A pixel's centre is half a pixel from its edge, which boxes are given in.
    source_center = np.array(region.center) - 0.5 + shift
    offset = source_center - linear @ np.full(2, (native - 1) / 2)
    matrix = np.hstack([linear, offset[:, None]])
    warped = cv2.warpAffine(
        face.picture,
        matrix,
        (native, native),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(warped, np.uint8)


def _erase_upper_half(square: UInt8Array, rng: Generator) -> UInt8Array:
    """Cover part of the upper half: hats and glasses tell nothing of the mask. Never the nose or mouth."""
    side = square.shape[0]
    height, width = (rng.uniform(0.1, 0.35, 2) * side * (1, 1.8)).astype(int)
    top, left = (
        int(rng.uniform(0, 0.4 * side - height)) if height < 0.4 * side else 0,
        int(rng.uniform(0, side - width)),
    )
    result = square.copy()
    result[max(top, 0) : top + height, left : left + width] = rng.integers(0, 256, 3)
    return result


def _light(square: UInt8Array, rng: Generator) -> UInt8Array:
    """Change exposure, contrast, gamma, white balance and saturation."""
    picture = square.astype(np.float32) / 255
    picture = picture ** np.float32(math.exp(rng.uniform(-0.5, 0.5)))
    picture = picture * rng.uniform(0.9, 1.1, 3).astype(np.float32)
    gray = picture.mean(axis=2, keepdims=True)
    picture = gray + (picture - gray) * np.float32(rng.uniform(0.5, 1.4))
    picture = (picture - 0.5) * np.float32(rng.uniform(0.65, 1.3)) + np.float32(0.5 + rng.uniform(-0.15, 0.15))
    return _to_bytes(picture * 255)


def _blur(square: UInt8Array, rng: Generator) -> UInt8Array:
    side = square.shape[0]
    if rng.random() < 0.5:
        return np.asarray(cv2.GaussianBlur(square, (0, 0), rng.uniform(0.004, 0.025) * side), np.uint8)
    length = max(2, int(rng.uniform(0.03, 0.1) * side))
    kernel = np.zeros((length, length), np.float32)
    angle = rng.uniform(0, math.pi)
    reach = (length - 1) / 2
    for step in np.linspace(-reach, reach, 2 * length):
        kernel[round(reach + step * math.sin(angle)), round(reach + step * math.cos(angle))] = 1
    return np.asarray(cv2.filter2D(square, -1, kernel / kernel.sum()), np.uint8)


def _noise(square: UInt8Array, rng: Generator) -> UInt8Array:
    noise: Float32Array = rng.normal(0, rng.uniform(2, 14), square.shape).astype(np.float32)
    return _to_bytes(square + noise)


def _compress(square: UInt8Array, rng: Generator) -> UInt8Array:
    _, data = cv2.imencode(".jpg", square, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(18, 75))])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)


def _to_bytes(picture: Float32Array) -> UInt8Array:
    return np.asarray(np.clip(picture + 0.5, 0, 255), np.uint8)
