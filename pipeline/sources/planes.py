"""From a decoder's picture to I420 planes: views where the pixel format allows it, one conversion where not."""

import av
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


def decoded_planes(picture: av.VideoFrame) -> Planes:
    """Return the planes of `picture` as it was decoded.

    Those of a 4:2:0 picture are views, which keep the decoder's buffer alive: don't write to them.
    """
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
