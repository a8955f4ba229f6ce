"""From a decoder's picture to upright I420 planes: views where the pixel format allows it, one conversion where not."""

import av
import cv2
import numpy as np

from pipeline.types import ColorMatrix, ColorRange, UInt8Array
from pipeline.vision.i420 import CHROMA_ZERO, Planes, i420_from_rgb

VIEWED_FORMATS = frozenset({"yuv420p", "yuvj420p", "yuva420p"})
HD_LINES = 720
"""Untagged pictures of this height and more are BT.709, smaller ones BT.601: what players assume."""

# AVColorSpace of FFmpeg (ITU-T H.273). BT.2020 is read as BT.709, its nearest here.
_MATRICES = {
    1: ColorMatrix.BT709,
    4: ColorMatrix.BT601,
    5: ColorMatrix.BT601,
    6: ColorMatrix.BT601,
    7: ColorMatrix.BT709,
    9: ColorMatrix.BT709,
    10: ColorMatrix.BT709,
}
_FULL_RANGE = 2


def upright_planes(picture: av.VideoFrame) -> Planes:
    """Return the planes of `picture`, turned as its display matrix asks.

    Those of an upright 4:2:0 picture are views, which keep the decoder's buffer alive: don't write to them.
    """
    a, b, c, d = _display_matrix(picture)
    planes = _planes(picture)
    if (a, b, c, d) == (1, 0, 0, 1):
        return planes
    y, u, v = (_turned(plane, a, b, c, d) for plane in (planes.y, planes.u, planes.v))
    return Planes(y, u, v, planes.matrix, planes.color_range)


def _planes(picture: av.VideoFrame) -> Planes:
    name = picture.format.name
    if picture.format.is_rgb or name == "pal8":
        return _converted_from_rgb(picture)
    matrix, color_range = _matrix(picture), _range(picture)
    if name.startswith("gray"):
        y = _view(_reformatted(picture, "gray", color_range), 0)
        grey = np.full(((picture.height + 1) // 2, (picture.width + 1) // 2), CHROMA_ZERO, np.uint8)
        return Planes(y, grey, grey, matrix, color_range)
    if name not in VIEWED_FORMATS:
        picture = _reformatted(picture, "yuv420p", color_range)
    y, u, v = (_view(picture, index) for index in range(3))
    return Planes(y, u, v, matrix, color_range)


def _reformatted(picture: av.VideoFrame, name: str, color_range: ColorRange) -> av.VideoFrame:
    """Return `picture` in another pixel format, its range kept: swscale would else guess one from the format."""
    if picture.format.name == name:
        return picture
    code = _FULL_RANGE if color_range is ColorRange.FULL else 1
    return picture.reformat(format=name, src_color_range=code, dst_color_range=code, threads=1)


def _converted_from_rgb(picture: av.VideoFrame) -> Planes:
    rgb = picture.to_ndarray(format="rgb24").astype(np.uint8, copy=False)
    return i420_from_rgb(rgb, _matrix(picture), ColorRange.LIMITED)


def _matrix(picture: av.VideoFrame) -> ColorMatrix:
    untagged = ColorMatrix.BT709 if picture.height >= HD_LINES else ColorMatrix.BT601
    return _MATRICES.get(picture.colorspace, untagged)


def _range(picture: av.VideoFrame) -> ColorRange:
    full = picture.color_range == _FULL_RANGE or picture.format.name.startswith("yuvj")
    return ColorRange.FULL if full else ColorRange.LIMITED


def _view(picture: av.VideoFrame, index: int) -> UInt8Array:
    plane = picture.planes[index]
    buffer = np.frombuffer(plane, np.uint8)  # type: ignore[call-overload]  # PyAV's stubs omit its buffer protocol
    rows: UInt8Array = buffer.reshape(plane.height, plane.line_size)
    return rows[:, : plane.width]


def _display_matrix(picture: av.VideoFrame) -> tuple[int, int, int, int]:
    """Return the signs a, b, c, d of the picture's display matrix: (x, y) is shown at (ax + cy, bx + dy)."""
    try:
        data = picture.side_data.get("DISPLAYMATRIX")
    except ValueError:  # PyAV 18.1 refuses to list side data of kinds it does not know, EXIF among them
        return _matrix_of_angle(picture.rotation)
    if data is None:
        return 1, 0, 0, 1
    matrix = np.frombuffer(data, np.int32)  # type: ignore[call-overload]  # PyAV's stubs omit its buffer protocol
    a, b, _, c, d = matrix[:5].tolist()
    if abs(b) + abs(c) > abs(a) + abs(d):
        return 0, _sign(b), _sign(c), 0
    return _sign(a), 0, 0, _sign(d)


def _matrix_of_angle(counterclockwise_deg: int) -> tuple[int, int, int, int]:
    quarter_turns = round(counterclockwise_deg / 90) % 4
    return ((1, 0, 0, 1), (0, -1, 1, 0), (-1, 0, 0, -1), (0, 1, -1, 0))[quarter_turns]


def _sign(value: int) -> int:
    return -1 if value < 0 else 1


def _turned(plane: UInt8Array, a: int, b: int, c: int, d: int) -> UInt8Array:
    if b or c:
        plane, a, d = np.asarray(cv2.transpose(plane), np.uint8), c, b
    flips = {(1, 1): None, (-1, 1): 1, (1, -1): 0, (-1, -1): -1}[a, d]
    return plane if flips is None else np.asarray(cv2.flip(plane, flips), np.uint8)
