"""Clips of a crowd in H.264, as long as is wanted: one crossing is drawn and encoded, and its packets are repeated.

`python -m benchmarks.crowd_clip WIDTH HEIGHT FACES CROSSINGS CLIP.mp4` writes one.
"""

import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeAlias

import av
from av.packet import Packet
from av.video.stream import VideoStream

from benchmarks.crowd import CROSSING_S, Crowd
from pipeline.errors import SourceError
from pipeline.sinks.picture import picture_of
from pipeline.types import Frame

_Packet: TypeAlias = "Packet[Any]"

FRAMES_PER_S = 25
KEY_EVERY = 50
ENCODING = {"preset": "veryfast"}
BITS_PER_PIXEL = 0.08
"""4 Mbit/s at 1080p and 1.8 Mbit/s at 720p, as cameras are set."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """A folder of clips, each drawn once: several at a time, in processes of their own."""

    folder: Path

    def clips(self, crowds: Iterable[Crowd], crossings: int) -> list[Path]:
        """Return the clip of each crowd; raises SourceError where one can't be drawn."""
        with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as threads:
            return list(threads.map(lambda crowd: self._clip(crowd, crossings), crowds))

    def _clip(self, crowd: Crowd, crossings: int) -> Path:
        path = self.folder / f"{crowd.height}p-{crowd.faces}-{crossings * CROSSING_S:g}s.mp4"
        if not path.is_file():
            words = map(str, (crowd.width, crowd.height, crowd.faces, crossings, path))
            command = [sys.executable, "-m", "benchmarks.crowd_clip", *words]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                reason = (done.stderr.strip().splitlines() or ["it says nothing"])[-1]
                raise SourceError(f"no clip can be drawn: {reason}")
        return path


def write_clip(crowd: Crowd, path: Path, crossings: int) -> Path:
    """Write so many crossings, 100 frames each, as MP4 and return the path."""
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


if __name__ == "__main__":
    *numbers, name = sys.argv[1:]
    width, height, faces, crossings = map(int, numbers)
    write_clip(Crowd(width, height, faces), Path(name), crossings)
