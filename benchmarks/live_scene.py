"""What the cameras of the live benchmark see: the demo's persons in their corridor."""

from functools import cache

from pipeline.demo_face import face_picture
from pipeline.sources.demo_picture import demo_picture
from pipeline.sources.synthetic import DEMO_FORMAT, SyntheticClip
from pipeline.types import UInt8Array
from pipeline.vision.i420 import thumbnail

PICTURES = DEMO_FORMAT.frame_count
"""Ten seconds, after which the scene begins anew."""


def passers_by(index: int, width: int, height: int) -> UInt8Array:
    """Return picture `index` of up to four persons passing by, as (H, W, 3) uint8 RGB; the format is 16 to 9."""
    pictures = _drawn(width)
    if pictures[0].shape[:2] != (height, width):
        raise ValueError(f"the scene is drawn in 16 to 9, got {width} x {height}")
    return pictures[index % PICTURES].copy()


@cache
def _drawn(width: int) -> tuple[UInt8Array, ...]:
    """Draw the clip once a process: 60 ms a picture."""
    clip = SyntheticClip(face_picture(demo_picture()))
    return tuple(thumbnail(frame, None, width) for frame in clip.frames())
