"""Short encoded clips, as a camera's encoder gives them: access units of NAL units, without a container."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import TypeAlias

import av
import numpy as np
from av.video.codeccontext import VideoCodecContext

from benchmarks.rtsp.drawn_clock import draw_number
from pipeline.types import UInt8Array

_ENCODERS = {"H264": "libx264", "H265": "libx265"}

Scene: TypeAlias = Callable[[int, int, int], UInt8Array]
"""Draws picture `index` of a width and height, as (H, W, 3) uint8 RGB; an equal scene draws equal pictures."""


def slope_of_colours(index: int, width: int, height: int) -> UInt8Array:
    """Return a slope of colours with a bar that moves with `index`."""
    columns, rows = np.meshgrid(np.linspace(0, 255, width), np.linspace(0, 255, height))
    picture = np.stack((columns, rows, 255 - columns), axis=-1).astype(np.uint8)
    x = width // 4 + index * 2 % (width // 2)
    picture[height // 2 - 2 : height // 2 + 2, x : x + 4] = 255
    return picture


@dataclass(frozen=True, slots=True)
class ClipFormat:
    """What a camera shows over and over: `frame_count` pictures, a key frame every `key_every` of them.

    `codec` is the encoding's name in RTP: H264 or H265; `preset` is x264's and x265's. The pictures of a clip that is
    not `is_numbered` carry no number.
    """

    width: int = 128
    height: int = 96
    frames_per_s: int = 25
    frame_count: int = 50
    key_every: int = 5
    codec: str = "H264"
    scene: Scene = slope_of_colours
    preset: str = "ultrafast"
    is_numbered: bool = True


@dataclass(frozen=True, slots=True)
class AccessUnit:
    """The NAL units of one picture, without start codes; those of a key frame begin with the parameter sets."""

    nals: tuple[bytes, ...]
    is_key: bool


@dataclass(frozen=True, slots=True)
class EncodedClip:
    """A clip whose picture n carries the number n (see `drawn_clock`), unless its format says otherwise."""

    format: ClipFormat
    units: tuple[AccessUnit, ...]

    @property
    def parameter_sets(self) -> tuple[bytes, ...]:
        """SPS and PPS of H.264; VPS, SPS and PPS of HEVC."""
        return tuple(nal for nal in self.units[0].nals if _is_parameter_set(nal, self.format.codec))


@lru_cache(maxsize=32)
def encoded(clip_format: ClipFormat) -> EncodedClip:
    """Encode `clip_format` with no picture held back; the same format is encoded once a process."""
    context = _encoder(clip_format)
    units: list[AccessUnit] = []
    for index in range(clip_format.frame_count):
        picture = clip_format.scene(index, clip_format.width, clip_format.height)
        if clip_format.is_numbered:
            draw_number(picture, index)
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="yuv420p")
        frame.pts, frame.time_base = index, Fraction(1, clip_format.frames_per_s)
        units += [_access_unit(bytes(packet), packet.is_keyframe) for packet in context.encode(frame)]
    units += [_access_unit(bytes(packet), packet.is_keyframe) for packet in context.encode(None)]
    return EncodedClip(clip_format, tuple(units))


def _encoder(clip_format: ClipFormat) -> VideoCodecContext:
    context = av.CodecContext.create(_ENCODERS[clip_format.codec], "w")
    if not isinstance(context, VideoCodecContext):
        raise TypeError(f"{clip_format.codec} is no codec of pictures")
    context.width, context.height, context.pix_fmt = clip_format.width, clip_format.height, "yuv420p"
    context.time_base = Fraction(1, clip_format.frames_per_s)
    context.framerate = Fraction(clip_format.frames_per_s)
    context.thread_count = 1
    key_every = clip_format.key_every
    context.options = {
        "preset": clip_format.preset,
        "tune": "zerolatency",
        "x264-params": f"keyint={key_every}:min-keyint={key_every}:scenecut=0:sliced-threads=0",
        "x265-params": f"keyint={key_every}:min-keyint={key_every}:scenecut=0:bframes=0:open-gop=0:log-level=none",
    }
    return context


def _access_unit(annex_b: bytes, is_key: bool) -> AccessUnit:
    """Split at the start codes; zeros before a start code belong to it, for no NAL unit ends in one."""
    nals = (piece.rstrip(b"\0") for piece in annex_b.split(b"\0\0\1"))
    return AccessUnit(tuple(nal for nal in nals if nal), is_key)


def _is_parameter_set(nal: bytes, codec: str) -> bool:
    return nal[0] & 0x1F in (7, 8) if codec == "H264" else nal[0] >> 1 & 0x3F in (32, 33, 34)
