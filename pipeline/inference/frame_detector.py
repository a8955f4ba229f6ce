"""Finds faces in frames by looking at thumbnails: of the whole frame, and of tiles where faces are distant."""

from collections.abc import Iterable, Iterator, Sequence

from pipeline.inference.close_up import find_again, look, look_at_places
from pipeline.ports import FaceDetector
from pipeline.types import Box, Face, Frame
from pipeline.vision.overlap import iou
from pipeline.vision.tiles import (
    Region,
    Sighting,
    automatic_tiles,
    is_cut,
    merge,
    shows_same_face,
    tile_regions,
)


def strangers(seen: Iterable[Face], known: Sequence[Face]) -> list[Face]:
    """Return those of `seen` that show none of `known`, each of which is shown once."""
    waiting, new = list(known), []
    for face in seen:
        shown = [one for one in waiting if shows_same_face(one.box, face.box)]
        if shown:
            waiting.remove(max(shown, key=lambda one: iou(one.box, face.box)))
        else:
            new.append(face)
    return new


def parts_searched(parts: int, known: int) -> int:
    """Return how many of so many parts of a frame one search looks at: the more, the more faces are followed there.

    Where many move about, motion does not tell of one who comes: of 16 who cross the picture, a third of the parts at a
    time shows 85 % of what all show, all of them 98 %.
    """
    return min(parts, max(1, parts * (4 + known) // 16))


class ThumbnailDetector:
    """A `FrameDetector` that shows a `FaceDetector` thumbnails of the size that the detector works at.

    With more than one tile the whole frame is looked at too, for faces too near to fit into a tile.
    """

    def __init__(self, detector: FaceDetector, tiles: tuple[int, int] | None = None) -> None:
        """Look with `detector`, which this object owns from now on, at `tiles` (columns, rows) of each frame.

        None halves frames that are much longer than wide: a detector's square would be mostly border.
        """
        self._detector = detector
        self._tiles = tiles
        self._turn = 0
        self._searches = 0

    def detect(self, frame: Frame) -> tuple[Face, ...]:
        """Return the faces, boxes in pixels of the frame, best score first, each face once."""
        return merge([sighting for region in self._regions(frame) for sighting in self._sightings(frame, region)])

    def follow(self, frame: Frame, known: Sequence[Face]) -> tuple[Face, ...]:
        """Return the faces found close up where those of `known` should be."""
        found = find_again(self._detector, frame, [face.box for face in known])
        return merge([Sighting(face) for face in found if face is not None])

    def search(self, frame: Frame, known: Sequence[Face], around: Sequence[Box] = ()) -> tuple[Face, ...]:
        """Return those, and what `detect_parts` finds."""
        seen = self.detect_parts(frame, len(known), around)
        return merge([Sighting(face) for face in (*seen, *self.follow(frame, strangers(known, seen)))])

    def detect_parts(self, frame: Frame, known: int, around: Sequence[Box] = ()) -> tuple[Face, ...]:
        """Return the faces in some of the regions that `detect` looks at, which take turns: see `parts_searched`.

        With places to look `around` the first few of those are looked at close up, and the next regions in every
        second such call in a row alone. A face that a border may cut is left to another region: it lies whole in one
        of them.
        """
        self._searches = self._searches + 1 if around else 0
        parts = [] if around and self._searches % 2 == 0 else self._next_parts(frame, known)
        sightings = [one for region in parts for one in self._sightings(frame, region)]
        placed = look_at_places(self._detector, frame, around)
        return merge([*(one for one in sightings if not one.is_cut), *map(Sighting, placed)])

    def close(self) -> None:
        self._detector.close()

    def _next_parts(self, frame: Frame, known: int) -> list[Region]:
        regions = self._regions(frame)
        count = parts_searched(len(regions), known)
        turns = [regions[(self._turn + turn) % len(regions)] for turn in range(1, count + 1)]
        self._turn += count
        return turns

    def _regions(self, frame: Frame) -> tuple[Region, ...]:
        whole = Region(0, 0, frame.width, frame.height)
        columns, rows = self._tiles or automatic_tiles(frame.width, frame.height)
        if columns == rows == 1:
            return (whole,)
        return (whole, *tile_regions(frame.width, frame.height, columns, rows))

    def _sightings(self, frame: Frame, region: Region) -> Iterator[Sighting]:
        for face in look(self._detector, frame, region):
            yield Sighting(face, is_cut(face.box, region, frame.width, frame.height))
