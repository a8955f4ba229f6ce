"""Cuts a person out of a photograph: a canvas around the face, and how far each of its pixels belongs to the person.

The cut is GrabCut (Rother, Kolmogorov and Blake, 2004) from a guess of where head and shoulders are.
"""

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.sources.face_axes import FaceAxes
from pipeline.types import Face, Float32Array, UInt8Array

CANVAS_UNIT_PX = 64.0
"""Distance from the eyes to the mouth on the canvas; a face drawn 160 px high needs about that."""

CANVAS_REACH = (5.25, 2.5, 9.0)
"""How far the canvas reaches sideways, up and down from between the eyes, in the same unit."""

CUT_SCALE = 0.5
CUT_ROUNDS = 4
CUT_SEED = 0
EDGE_BLUR_PX = 1.6
PICTURE_EDGE_BLUR_PX = 6.0


@dataclass(frozen=True, slots=True, eq=False)
class Canvas:
    """A face at a fixed scale: (H, W, 3) uint8 RGB, a matte (H, W) float32 that is 1 on the person and 0 off it."""

    rgb: UInt8Array = field(repr=False)
    matte: Float32Array = field(repr=False)
    axes: FaceAxes


def cut_out(picture: UInt8Array, face: Face) -> Canvas:
    """Return the canvas of `face` in an (H, W, 3) uint8 RGB picture."""
    axes = FaceAxes.of(face)
    scale = CANVAS_UNIT_PX / axes.unit_px
    side, up, down = (reach * CANVAS_UNIT_PX for reach in CANVAS_REACH)
    left, top = round(axes.origin[0] - side / scale), round(axes.origin[1] - up / scale)
    width, height = round(2 * side / scale), round((up + down) / scale)
    size = (round(width * scale), round(height * scale))
    interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    rgb = _resized(_cut(picture, left, top, width, height), size, interpolation)
    known = _resized(_cut(_inside(picture), left, top, width, height), size, cv2.INTER_LINEAR)
    moved = axes.moved(scale, (-left * scale, -top * scale))
    return Canvas(rgb, np.asarray(_person(rgb, moved) * _soft_edge(known), np.float32), moved)


def _resized(picture: UInt8Array, size: tuple[int, int], interpolation: int) -> UInt8Array:
    return np.asarray(cv2.resize(picture, size, interpolation=interpolation), np.uint8)


def _cut(picture: UInt8Array, left: int, top: int, width: int, height: int) -> UInt8Array:
    """Return that rectangle of a picture; its edge pixels repeat beyond it."""
    rows = np.clip(np.arange(top, top + height), 0, picture.shape[0] - 1)
    columns = np.clip(np.arange(left, left + width), 0, picture.shape[1] - 1)
    return np.ascontiguousarray(picture[rows[:, None], columns])


def _inside(picture: UInt8Array) -> UInt8Array:
    """Return (H, W) uint8, 255 but on the top and side edges: a body cut off below goes on below."""
    inside = np.full(picture.shape[:2], 255, np.uint8)
    inside[0], inside[:, 0], inside[:, -1] = 0, 0, 0
    return inside


def _soft_edge(known: UInt8Array) -> Float32Array:
    shrunk = cv2.erode(known, np.ones((3, 3), np.uint8), iterations=round(PICTURE_EDGE_BLUR_PX))
    return np.asarray(cv2.GaussianBlur(shrunk, (0, 0), PICTURE_EDGE_BLUR_PX), np.float32) / np.float32(255)


def _person(rgb: UInt8Array, axes: FaceAxes) -> Float32Array:
    """Return (H, W) float32 in [0, 1], 1 on the person whose face is at `axes`."""
    small = cv2.resize(rgb, None, fx=CUT_SCALE, fy=CUT_SCALE, interpolation=cv2.INTER_AREA)
    labels = _guess(axes.moved(CUT_SCALE, (0.0, 0.0)), small.shape)
    backdrop, person = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.setRNGSeed(CUT_SEED)
    cv2.grabCut(np.asarray(small, np.uint8), labels, (0, 0, 1, 1), backdrop, person, CUT_ROUNDS, cv2.GC_INIT_WITH_MASK)
    kept = np.isin(labels, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.uint8)
    whole = cv2.erode(_largest_piece(kept), np.ones((3, 3), np.uint8)) * np.float32(255)
    grown = cv2.resize(whole, rgb.shape[1::-1], interpolation=cv2.INTER_CUBIC)
    soft = cv2.GaussianBlur(grown, (0, 0), EDGE_BLUR_PX) / 255
    return np.asarray(np.clip(soft, 0, 1), np.float32)


def _largest_piece(kept: UInt8Array) -> UInt8Array:
    opened = cv2.morphologyEx(kept, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5)))
    _, pieces, statistics, _ = cv2.connectedComponentsWithStats(opened)
    if len(statistics) == 1:
        return kept
    return np.asarray(pieces == 1 + int(np.argmax(statistics[1:, cv2.CC_STAT_AREA])), np.uint8)


def _guess(axes: FaceAxes, shape: tuple[int, ...]) -> UInt8Array:
    """Return (H, W) uint8 GrabCut labels: surely and probably head and shoulders, probably and surely neither."""
    x, v = axes.of_pixels(shape)
    across = np.abs(x)
    labels = np.full(shape[:2], cv2.GC_BGD, np.uint8)
    labels[_oval(x, v, 0.35, 1.95, 2.4) | _shoulders(across, v, 1.5, 2.2, 3.6)] = cv2.GC_PR_BGD
    labels[_oval(x, v, 0.2, 1.35, 1.75) | _shoulders(across, v, 1.2, 1.4, 3.3)] = cv2.GC_PR_FGD
    head = _oval(x, v, -0.1, 0.95, 1.1) | _oval(x, v, 0.8, 0.72, 1.0)
    labels[head | _shoulders(across, v, 1.2, 0.9, 2.2)] = cv2.GC_FGD
    return labels


def _oval(x: Float32Array, v: Float32Array, middle: float, half_width: float, half_height: float) -> NDArray[np.bool_]:
    return np.asarray((x / half_width) ** 2 + ((v - middle) / half_height) ** 2 < 1)


def _shoulders(across: Float32Array, v: Float32Array, top: float, slope: float, widest: float) -> NDArray[np.bool_]:
    return np.asarray((v > top) & (across < np.clip(0.5 + (v - top) * slope, 0, widest)))
