"""Planes to the encoder's pictures: padding to even sizes, colour tags, and fitting a change of size."""

import av
import numpy as np
from av.video.reformatter import ColorPrimaries, ColorTrc
from numpy.typing import NDArray

from pipeline.types import ColorMatrix, ColorRange, UInt8Array

Planes = tuple[UInt8Array, UInt8Array, UInt8Array]

# AVColorSpace and AVColorRange, ITU-T H.273: BT.601 is written as SMPTE 170M, the name that encoders use for it.
_SPACE = {ColorMatrix.BT601: 6, ColorMatrix.BT709: 1}
_RANGE = {ColorRange.LIMITED: 1, ColorRange.FULL: 2}
_PRIMARIES = {ColorMatrix.BT601: ColorPrimaries.SMPTE170M, ColorMatrix.BT709: ColorPrimaries.BT709}
_TRANSFER = {ColorMatrix.BT601: ColorTrc.SMPTE170M, ColorMatrix.BT709: ColorTrc.BT709}


def even(length: int) -> int:
    """Return `length`, or the next even number: 4:2:0 H.264 has no odd sizes."""
    return length + length % 2


def picture_of(planes: Planes, matrix: ColorMatrix, color_range: ColorRange) -> av.VideoFrame:
    """Return a tagged yuv420p picture of the planes, its last row and column repeated where a size is odd.

    `planes` are y (H, W), u and v (ceil(H/2), ceil(W/2)), uint8; only luma needs the padding.
    """
    height, width = planes[0].shape
    picture = av.VideoFrame(even(width), even(height), "yuv420p")
    for plane, pixels in zip(picture.planes, planes, strict=True):
        _fill(_view(plane), pixels)
    tag(picture, matrix, color_range)
    return picture


def tag(target: av.VideoFrame | av.VideoCodecContext, matrix: ColorMatrix, color_range: ColorRange) -> None:
    """Write the colour description of a picture or of an encoder."""
    target.colorspace = _SPACE[matrix]
    target.color_range = _RANGE[color_range]
    target.color_primaries = _PRIMARIES[matrix]
    target.color_trc = _TRANSFER[matrix]


def is_alike(one: av.VideoFrame, other: av.VideoFrame) -> bool:
    """Return whether two pictures agree in size and colours, so that one encoder takes both."""
    return (one.width, one.height, one.colorspace, one.color_range) == (
        other.width,
        other.height,
        other.colorspace,
        other.color_range,
    )


def fit(picture: av.VideoFrame, like: av.VideoFrame) -> av.VideoFrame:
    """Return `picture` at the size and in the colours of `like`: scaled to fit, centred on black."""
    scale = min(like.width / picture.width, like.height / picture.height)
    width, height = (max(2, round(side * scale / 2) * 2) for side in (picture.width, picture.height))
    scaled = picture.reformat(
        width=width, height=height, dst_colorspace=like.colorspace, dst_color_range=like.color_range
    )
    return _centred(scaled, like)


def _centred(picture: av.VideoFrame, like: av.VideoFrame) -> av.VideoFrame:
    canvas = av.VideoFrame(like.width, like.height, "yuv420p")
    black = (0 if like.color_range == _RANGE[ColorRange.FULL] else 16, 128, 128)
    left, top = (like.width - picture.width) // 4 * 2, (like.height - picture.height) // 4 * 2
    for index, (target, source) in enumerate(zip(canvas.planes, picture.planes, strict=True)):
        pixels, shift = _view(source), int(index > 0)
        y, x = top >> shift, left >> shift
        view = _view(target)
        view[:] = black[index]
        view[y : y + pixels.shape[0], x : x + pixels.shape[1]] = pixels
    canvas.colorspace, canvas.color_range = like.colorspace, like.color_range
    canvas.color_primaries, canvas.color_trc = like.color_primaries, like.color_trc
    return canvas


def _view(plane: av.video.plane.VideoPlane) -> NDArray[np.uint8]:
    """Return the plane as a writable (H, W) array over its own memory."""
    memory = memoryview(plane)
    rows = np.frombuffer(memory, np.uint8).reshape(-1, plane.line_size)
    return rows[: plane.height, : plane.width]


def _fill(view: NDArray[np.uint8], pixels: UInt8Array) -> None:
    height, width = pixels.shape
    view[:height, :width] = pixels
    view[:height, width:] = pixels[:, -1:]
    view[height:] = view[height - 1]
