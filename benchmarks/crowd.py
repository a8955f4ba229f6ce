"""Persons who cross a corridor over and over: what the clips and cameras of `maskstream bench` show.

The demo's photographed face as so many persons, each at a look of the demo's cast. Nothing is judged by it: it is
there to cost what real faces cost.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from math import ceil

from pipeline.demo_face import face_picture
from pipeline.sources.actors import Actor, Waypoint
from pipeline.sources.demo_cast import DEMO_CAST
from pipeline.sources.demo_picture import demo_picture
from pipeline.sources.synthetic import ClipFormat, FacePicture, SyntheticClip
from pipeline.types import Frame

CROSSING_S = 4.0
"""Whoever leaves on one side comes in again on the other: each way is a new person to any tracker."""

MARGIN = 0.08
"""How far beyond the edge, in widths of the frame, a way begins and ends."""

REAR_FACE, FRONT_FACE = 0.11, 0.17
"""How high a face is, in heights of the frame, in the rearmost row and in the foremost; a lone one is in front."""

PER_ROW = 4


@dataclass(frozen=True, slots=True)
class Crowd:
    """So many persons at a time in a frame of that size."""

    width: int
    height: int
    faces: int

    def frames(self) -> Iterator[Frame]:
        """Yield the pictures of one crossing; the first begins where the last ends."""
        clip_format = ClipFormat(self.width, self.height, duration_s=CROSSING_S)
        return SyntheticClip(_portrait(), self.cast(), clip_format, "crowd").frames()

    def cast(self) -> tuple[Actor, ...]:
        """Return the persons, in rows of at most four, one behind the other."""
        rows = ceil(self.faces / PER_ROW)
        return tuple(self._actor(number, divmod(number, PER_ROW), rows) for number in range(self.faces))

    def _actor(self, number: int, place: tuple[int, int], rows: int) -> Actor:
        row, column = place
        nearness = (row + 1) / rows
        face_px = self.height * (REAR_FACE + (FRONT_FACE - REAR_FACE) * nearness)
        y = self.height * (0.62 * nearness - 0.04) if rows > 1 else self.height * 0.5
        in_row = min(PER_ROW, self.faces - row * PER_ROW)
        begun = (column + 0.5) / in_row
        path = self._path(begun % 1, leftwards=row % 2 == 1, at=(y, face_px))
        look = DEMO_CAST[number % len(DEMO_CAST)]
        return replace(look, name=f"{look.name} {number}", path=path, behind_wall=False)

    def _path(self, begun: float, *, leftwards: bool, at: tuple[float, float]) -> tuple[Waypoint, ...]:
        """Return a way across of which the share `begun` lies behind at time 0; who arrives begins anew at once."""
        ends = (1 + MARGIN, -MARGIN) if leftwards else (-MARGIN, 1 + MARGIN)
        here = ends[0] + begun * (ends[1] - ends[0])
        turn_s = (1 - begun) * CROSSING_S
        stops = ((0.0, here), (turn_s, ends[1]), (turn_s + 1e-3, ends[0]), (CROSSING_S, here))
        return tuple(Waypoint(time_s, x * self.width, *at) for time_s, x in stops)


@cache
def _portrait() -> FacePicture:
    return face_picture(demo_picture())
