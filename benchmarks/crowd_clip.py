"""Clips of a crowd in H.264, as long as is wanted: one crossing is drawn and encoded, and its packets are repeated.

`python -m benchmarks.crowd_clip WIDTH HEIGHT FACES CLIP.mp4` writes one crossing.
"""

import os
import subprocess
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeAlias

import av
from av.packet import Packet
from av.video.stream import VideoStream

from benchmarks.crowd import Crowd
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
    """A folder of clips; each crowd is drawn once, several at a time, in processes of their own."""

    folder: Path

    def clips(self, crowds: Iterable[Crowd], crossings: int) -> list[Path]:
        """Return the clip of each crowd; raises SourceError where one can't be drawn."""
        with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as threads:
            return list(threads.map(lambda crowd: self._clip(crowd, crossings), crowds))

    def _clip(self, crowd: Crowd, crossings: int) -> Path:
        once = self.folder / f"{crowd.width}x{crowd.height}-{crowd.faces}.mp4"
        if not once.is_file():
            _draw(crowd, once)
        return repeated(once, crossings)


def _draw(crowd: Crowd, path: Path) -> None:
    words = map(str, (crowd.width, crowd.height, crowd.faces, path))
    command = [sys.executable, "-m", "benchmarks.crowd_clip", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["it says nothing"])[-1]
        raise SourceError(f"no clip can be drawn: {reason}")


def write_crossing(crowd: Crowd, path: Path) -> None:
    """Write one crossing, 100 frames, as MP4."""
    write_clip(crowd.frames(), (crowd.width, crowd.height), path)


def write_clip(frames: Iterable[Frame], size: tuple[int, int], path: Path, frames_per_s: int = FRAMES_PER_S) -> None:
    """Write frames of `size` (width, height) in pixels as MP4, at that rate, whatever their times."""
    with av.open(path, "w") as container:
        stream = container.add_stream("libx264", frames_per_s, ENCODING)
        _configure(stream, size, frames_per_s)
        for index, frame in enumerate(frames):
            picture = picture_of((frame.y, frame.u, frame.v), frame.matrix, frame.color_range)
            picture.pts, picture.time_base = index, Fraction(1, frames_per_s)
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))


def repeated(once: Path, times: int) -> Path:
    """Return a clip that shows `once` so many times, beside it."""
    path = once.with_stem(f"{once.stem}-{times}")
    with av.open(once) as source, av.open(path, "w") as container:
        packets = [packet for packet in source.demux(video=0) if packet.dts is not None]
        stream = container.add_stream_from_template(source.streams.video[0])
        ticks = sum(packet.duration or 0 for packet in packets)
        for number in range(times):
            for packet in packets:
                container.mux(_moved(packet, number * ticks, stream))
    return path


def _configure(stream: VideoStream, size: tuple[int, int], frames_per_s: int) -> None:
    stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
    stream.bit_rate = round(BITS_PER_PIXEL * frames_per_s * size[0] * size[1])
    stream.codec_context.gop_size = KEY_EVERY
    stream.codec_context.thread_count = 1


def _moved(packet: _Packet, ticks: int, stream: VideoStream) -> _Packet:
    """Return a copy so much later: muxing changes a packet's times to the container's."""
    copy: _Packet = Packet(bytes(packet))
    copy.pts, copy.dts = (packet.pts or 0) + ticks, (packet.dts or 0) + ticks
    copy.duration, copy.time_base = packet.duration, packet.time_base
    copy.is_keyframe, copy.stream = packet.is_keyframe, stream
    return copy


if __name__ == "__main__":
    *numbers, name = sys.argv[1:]
    width, height, faces = map(int, numbers)
    write_crossing(Crowd(width, height, faces), Path(name))
