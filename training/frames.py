"""Stored pictures as the frames that serving would make of them."""

from pipeline.types import ColorMatrix, ColorRange, Frame, UInt8Array
from pipeline.vision.i420 import i420_from_rgb, rgb_frame


def frame_of(picture: UInt8Array) -> Frame:
    """Return an (H, W, 3) RGB picture as the frame that `maskstream process` makes of a picture file."""
    planes = i420_from_rgb(picture, ColorMatrix.BT709, ColorRange.FULL)
    return Frame("picture", 0, 0.0, planes.y, planes.u, planes.v, planes.matrix, planes.color_range)


def as_served(picture: UInt8Array) -> UInt8Array:
    """Return an (H, W, 3) RGB picture after the way through planar YUV 4:2:0 that every served pixel takes."""
    return rgb_frame(frame_of(picture))
