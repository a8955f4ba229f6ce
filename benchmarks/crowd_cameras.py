"""Cameras of 720p and 25 frames a second before which two persons pass: `python -m benchmarks.crowd_cameras`.

It prints their addresses as a line of JSON; the end of its standard input ends it.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from functools import cache

from benchmarks.crowd import CROSSING_S, Crowd
from benchmarks.live_cameras import Cameras
from benchmarks.rtsp.camera import Camera
from benchmarks.rtsp.clip import ClipFormat
from benchmarks.rtsp.server import RtspServer
from pipeline.types import Frame, UInt8Array
from pipeline.vision.i420 import thumbnail

FRAMES_PER_S = 25
FACES = 2


def passers_by(index: int, width: int, height: int) -> UInt8Array:
    """Return picture `index` of two persons, as (H, W, 3) uint8 RGB."""
    frames = _drawn(width, height)
    return thumbnail(frames[index % len(frames)], None, width)


@cache
def _drawn(width: int, height: int) -> tuple[Frame, ...]:
    return tuple(Crowd(width, height, FACES).frames())


SEEN = ClipFormat(
    1280, 720, FRAMES_PER_S, round(CROSSING_S * FRAMES_PER_S), key_every=50, scene=passers_by, preset="veryfast"
)


def cameras(count: int) -> Cameras:
    """Return such a process, as a context."""
    return Cameras(count, "benchmarks.crowd_cameras")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.crowd_cameras", description=__doc__)
    parser.add_argument("--sound", type=int, default=8, help="how many [%(default)s]")
    options = parser.parse_args(arguments)
    names = [f"cam-{number}" for number in range(1, options.sound + 1)]
    with RtspServer({name: Camera(SEEN) for name in names}) as server:
        print(json.dumps({name: server.url(name) for name in names}), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
