"""Clips of a crowd in H.264, as long as is wanted: one crossing is drawn and encoded, and its packets are repeated."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeAlias

import av
from av.packet import Packet
from av.video.stream import VideoStream

from benchmarks.crowd import Crowd
from pipeline.sinks.picture import picture_of
from pipeline.types import Frame

_Packet: TypeAlias = "Packet[Any]"

FRAMES_PER_S = 25
KEY_EVERY = 50
ENCODING = {"preset": "veryfast"}
BITS_PER_PIXEL = 0.08
"""4 Mbit/s at 1080p and 1.8 Mbit/s at 720p, as cameras are set."""


def write_clip(crowd: Crowd, path: Path, crossings: int) -> Path:
    """Write so many crossings, 125 frames each, as MP4 and return the path."""
    frames = crowd.frames()
    with av.open(path, "w") as container:
        stream = container.add_stream("libx264", FRAMES_PER_S, ENCODING)
        _configure(stream, crowd)
        packets = _encoded(stream, frames)
        for crossing in range(crossings):
            for packet in packets:
                container.mux(_moved(packet, crossing * len(packets), stream))
    return path


def _configure(stream: VideoStream, crowd: Crowd) -> None:
    stream.width, stream.height, stream.pix_fmt = crowd.width, crowd.height, "yuv420p"
    stream.bit_rate = round(BITS_PER_PIXEL * FRAMES_PER_S * crowd.width * crowd.height)
    stream.codec_context.gop_size = KEY_EVERY
    stream.codec_context.thread_count = 1


def _encoded(stream: VideoStream, frames: Iterator[Frame]) -> list[_Packet]:
    packets: list[_Packet] = []
    for index, frame in enumerate(frames):
        picture = picture_of((frame.y, frame.u, frame.v), frame.matrix, frame.color_range)
        picture.pts, picture.time_base = index, Fraction(1, FRAMES_PER_S)
        packets += stream.encode(picture)
    return packets + stream.encode(None)


def _moved(packet: _Packet, frames: int, stream: VideoStream) -> _Packet:
    """Return a copy so many frames later: muxing changes a packet's times to the container's."""
    copy: _Packet = Packet(bytes(packet))
    copy.pts, copy.dts = (packet.pts or 0) + frames, (packet.dts or 0) + frames
    copy.duration, copy.time_base = 1, Fraction(1, FRAMES_PER_S)
    copy.is_keyframe, copy.stream = packet.is_keyframe, stream
    return copy
