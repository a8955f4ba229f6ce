"""Draws the samples of the page that checks pictures, in a process of its own: `python -P -m pipeline.samples PART`.

It prints a line of JSON: the files of that part in base64, by name. The part `pictures` has the thumbnails of all too.
"""

import base64
import json
import os
import sys
from collections.abc import Mapping
from functools import cache
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np

from pipeline.demo_face import face_picture
from pipeline.inference.no_reports import forbid_reports
from pipeline.sinks.live_renderer import Undrawn
from pipeline.sinks.video import VideoSink
from pipeline.sources.demo_picture import demo_picture
from pipeline.sources.synthetic import ClipFormat, FacePicture, SyntheticClip
from pipeline.types import FrameResult, UInt8Array
from pipeline.vision.encoding import encoded_jpeg
from pipeline.vision.i420 import rgb_frame

NICENESS = 10
"""Cameras come first."""

STILLS = ClipFormat(frames_per_s=2)
CLIP = ClipFormat(frames_per_s=10, duration_s=6)
TWO_PEOPLE, FOUR_PEOPLE, THREE_PEOPLE = 2, 17, 6
"""The stills by their number, at two a second."""

QUALITY, THUMBNAIL_QUALITY = 88, 60
THUMBNAIL_PX = (210, 140)


def main() -> None:
    """Print the part that the command line names."""
    os.nice(NICENESS)
    forbid_reports()
    drawn = {"pictures": pictures, "clip": clip}[sys.argv[1]]()
    print(json.dumps({name: base64.b64encode(data).decode() for name, data in drawn.items()}))


def pictures() -> Mapping[str, bytes]:
    """Return the pictures, and by `thumbnail-NAME` a small one of each sample."""
    frames = SyntheticClip(_portrait(), clip_format=STILLS).frames()
    stills = [rgb_frame(frame) for frame in islice(frames, FOUR_PEOPLE + 1)]
    named = {"portrait": _portrait().rgb, "two-people": stills[TWO_PEOPLE], "four-people": stills[FOUR_PEOPLE]}
    files = {f"{name}.jpg": encoded_jpeg(rgb, QUALITY) for name, rgb in named.items()}
    shown = {f"{name}.jpg": rgb for name, rgb in named.items()} | {"walk.mp4": stills[THREE_PEOPLE]}
    return files | {f"thumbnail-{name}": encoded_jpeg(_small(rgb), THUMBNAIL_QUALITY) for name, rgb in shown.items()}


def clip() -> Mapping[str, bytes]:
    """Return the clip: four persons in six seconds."""
    source = SyntheticClip(_portrait(), clip_format=CLIP)
    with TemporaryDirectory(prefix="maskstream-sample-") as folder:
        path = Path(folder) / "walk.mp4"
        sink = VideoSink(path, source.info, Undrawn())
        for frame in source.frames():
            sink.write(FrameResult(frame, (), {}))
        sink.close()
        return {path.name: path.read_bytes()}


@cache
def _portrait() -> FacePicture:
    return face_picture(demo_picture())


def _small(rgb: UInt8Array) -> UInt8Array:
    """Return the upper middle of a picture, as large as a thumbnail."""
    height, width = rgb.shape[:2]
    across = min(width, height * THUMBNAIL_PX[0] // THUMBNAIL_PX[1])
    down = across * THUMBNAIL_PX[1] // THUMBNAIL_PX[0]
    left, top = (width - across) // 2, (height - down) // 4
    part = rgb[top : top + down, left : left + across]
    return np.asarray(cv2.resize(part, THUMBNAIL_PX, interpolation=cv2.INTER_AREA), np.uint8)


if __name__ == "__main__":
    main()
