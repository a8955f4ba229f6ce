"""An empty corridor as the backdrop of a drawn clip: plain walls and no faces."""

from typing import TypeAlias

import cv2
import numpy as np

from pipeline.types import Float32Array, UInt8Array

Color: TypeAlias = tuple[int, int, int]

WALL_TOP = 0.64
"""Where the parapet begins, as a share of the frame's height."""

SKIRTING_TOP = 0.93
WALL_COLOR = (203, 199, 191)
PARAPET_COLOR = (158, 163, 168)
RAIL_COLOR = (96, 100, 106)
DOOR_COLOR = (176, 166, 152)
DOORS = ((0.10, 0.20), (0.44, 0.54), (0.79, 0.89))
"""Left and right edge of each door, as shares of the frame's width."""

DOOR_TOP = 0.07
TEXTURE_LEVELS = 2.2


def draw_corridor(width: int, height: int, seed: int) -> UInt8Array:
    """Return a (height, width, 3) uint8 RGB picture of a corridor behind a parapet."""
    picture = _lit(np.array(WALL_COLOR, np.float32), width, height)
    for left, right in DOORS:
        _draw_door(picture, round(left * width), round(right * width))
    parapet = _lit(np.array(PARAPET_COLOR, np.float32), width, height)
    top = round(WALL_TOP * height)
    picture[top:] = parapet[top:]
    picture[top : top + max(2, height // 60)] *= _ratio(RAIL_COLOR, PARAPET_COLOR)
    picture[round(SKIRTING_TOP * height) :] *= 0.72
    return np.asarray(np.clip(picture + _texture(width, height, seed), 0, 255), np.uint8)


def _lit(color: Float32Array, width: int, height: int) -> Float32Array:
    """Return (height, width, 3) float32 of that colour under lamps on the ceiling."""
    down = np.linspace(1.07, 0.86, height, dtype=np.float32)[:, None]
    across = 1 + np.float32(0.05) * np.cos(np.linspace(0, 6 * np.pi, width, dtype=np.float32))[None, :]
    return np.asarray((down * across)[..., None] * color, np.float32)


def _ratio(color: Color, base: Color) -> Float32Array:
    return np.asarray(np.divide(color, base), np.float32)


def _draw_door(picture: Float32Array, left: int, right: int) -> None:
    height = picture.shape[0]
    top, frame_px = round(DOOR_TOP * height), max(2, height // 120)
    picture[top:, left:right] *= _ratio(DOOR_COLOR, WALL_COLOR)
    for edge in (left, right - frame_px):
        picture[top:, edge : edge + frame_px] *= 0.82
    picture[top : top + frame_px, left:right] *= 0.82


def _texture(width: int, height: int, seed: int) -> Float32Array:
    """Return (height, width, 1) float32 plaster: a fine grain over faint clouds."""
    random = np.random.default_rng(seed)
    grain = random.standard_normal((height, width)).astype(np.float32)
    clouds = random.standard_normal((height // 40 + 2, width // 40 + 2)).astype(np.float32)
    grown = cv2.resize(clouds, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.asarray(TEXTURE_LEVELS * (cv2.GaussianBlur(grain, (0, 0), 1.2) * 2 + grown)[..., None], np.float32)
