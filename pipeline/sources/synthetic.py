"""A clip of one photographed face as several persons, masks drawn on: the demo's input, with its truth known.

It shows that a pipeline works, not how well: nothing is ever trained or measured on it.
"""

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from pipeline.errors import SourceError
from pipeline.sources.actors import Actor, DrawnFace
from pipeline.sources.demo_cast import DEMO_CAST
from pipeline.sources.frames import Moment, frame_of
from pipeline.sources.matte import cut_out
from pipeline.sources.sprite import Placement
from pipeline.sources.stage import Stage
from pipeline.types import Box, ColorMatrix, ColorRange, Face, Frame, SourceInfo, UInt8Array
from pipeline.vision.i420 import i420_from_rgb

SMALLEST_FACE_PX = 60
"""A smaller face in the given picture has too little detail to be drawn up to 150 px high."""


@dataclass(frozen=True, slots=True, eq=False)
class FacePicture:
    """An (H, W, 3) uint8 RGB picture and the face in it that is to act; raises SourceError for too small a face."""

    rgb: UInt8Array = field(repr=False)
    face: Face

    def __post_init__(self) -> None:
        if self.face.box.size_px < SMALLEST_FACE_PX:
            raise SourceError(
                f"the face in the picture is {self.face.box.size_px:.0f} px large, the demo needs {SMALLEST_FACE_PX}: "
                "give a picture in which it is larger"
            )

    @classmethod
    def of(cls, rgb: UInt8Array, faces: Sequence[Face]) -> "FacePicture":
        """Return the picture with the largest of `faces`; raises SourceError where there is none."""
        if not faces:
            raise SourceError("no face was found in the picture: give one with a face seen from the front")
        return cls(rgb, max(faces, key=lambda face: face.box.area))


@dataclass(frozen=True, slots=True)
class ClipFormat:
    """The size, the rate and the length of a drawn clip; `seed` sets the wall's grain and the camera's noise."""

    width: int = 1280
    height: int = 720
    frames_per_s: float = 25.0
    duration_s: float = 10.0
    seed: int = 0

    @property
    def frame_count(self) -> int:
        return round(self.duration_s * self.frames_per_s)


DEMO_FORMAT = ClipFormat()


class SyntheticClip:
    """A `Source` that draws its frames: the face of `picture` as each actor of `cast`, in a corridor."""

    def __init__(
        self,
        picture: FacePicture,
        cast: Sequence[Actor] = DEMO_CAST,
        clip_format: ClipFormat = DEMO_FORMAT,
        stream: str = "demo",
    ) -> None:
        """Cut the face out; frames carry the id `stream`. Raises SourceError for a face without key points."""
        self._stream = stream
        self._format = clip_format
        self._cast = tuple(cast)
        self._canvas = cut_out(picture.rgb, picture.face)
        self._closed = threading.Event()

    @property
    def info(self) -> SourceInfo:
        clip = self._format
        return SourceInfo(self._stream, clip.width, clip.height, clip.frames_per_s, clip.duration_s, clip.frame_count)

    def frames(self) -> Iterator[Frame]:
        """Yield the frames; the first takes a second or two, in which the actors get dressed."""
        clip = self._format
        stage = Stage(self._canvas, self._cast, (clip.width, clip.height), clip.seed)
        for index in range(clip.frame_count):
            if self._closed.is_set():
                return
            yield self._frame(index, stage.draw(index, self._placed(index)))

    def close(self) -> None:
        self._closed.set()

    def truth(self) -> tuple[tuple[DrawnFace, ...], ...]:
        """Return the faces drawn on each frame, those included that are partly outside it or behind one another."""
        return tuple(self._drawn(index) for index in range(self._format.frame_count))

    def _drawn(self, index: int) -> tuple[DrawnFace, ...]:
        shape = self._canvas.axes.box
        aspect = shape.width / shape.height
        return tuple(
            DrawnFace(actor.name, actor.wear, Box.around((at.x, at.y), aspect * at.face_px, at.face_px))
            for actor, at in self._placed(index)
        )

    def _placed(self, index: int) -> list[tuple[Actor, Placement]]:
        time_s = index / self._format.frames_per_s
        return [(actor, at) for actor in self._cast if (at := actor.placement(time_s))]

    def _frame(self, index: int, picture: UInt8Array) -> Frame:
        planes = i420_from_rgb(picture, ColorMatrix.BT709, ColorRange.LIMITED)
        period_s = 1 / self._format.frames_per_s
        return frame_of(self._stream, index, planes, Moment(index * period_s, period_s, time.monotonic(), None))
