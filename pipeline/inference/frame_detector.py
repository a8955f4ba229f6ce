"""Finds faces in frames by looking at thumbnails: of the whole frame, and of tiles where faces are distant."""

from collections.abc import Iterable, Iterator, Sequence

from pipeline.inference.close_up import find_again, look
from pipeline.ports import FaceDetector
from pipeline.types import Box, Face, Frame
from pipeline.vision.overlap import intersection_area, iou
from pipeline.vision.tiles import (
    Region,
    Sighting,
    automatic_tiles,
    is_cut,
    merge,
    shows_same_face,
    tile_regions,
)


def sighted(known: Sequence[Face], seen: Iterable[Face]) -> tuple[list[Face], list[Face]]:
    """Return `known` with those in place that `seen` shows anew, each once, and what else is seen."""
    now, new = list(known), []
    waiting = list(range(len(known)))
    for face in seen:
        shown = [index for index in waiting if shows_same_face(known[index].box, face.box)]
        if not shown:
            new.append(face)
            continue
        best = max(shown, key=lambda index: iou(known[index].box, face.box))
        waiting.remove(best)
        now[best] = face
    return now, new


def parts_searched(parts: int, known: int) -> int:
    """Return how many of so many parts of a frame one search looks at: the more, the more faces are followed there.

    Following them costs as much, and where many move about, motion does not tell of one who comes. Of 16 who cross the
    picture, a third of the parts at a time shows 85 % of what all show, all of them 98 %.
    """
    return min(parts, max(1, parts * (4 + known) // 12))


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
        self._shows_news = False

    def detect(self, frame: Frame) -> tuple[Face, ...]:
        """Return the faces, boxes in pixels of the frame, best score first, each face once."""
        return merge([sighting for region in self._regions(frame) for sighting in self._sightings(frame, region)])

    def follow(self, frame: Frame, known: Sequence[Face]) -> tuple[Face, ...]:
        """Return the faces found close up where those of `known` should be."""
        found = find_again(self._detector, frame, [face.box for face in known])
        return merge([Sighting(face) for face in found if face is not None])

    def search(self, frame: Frame, known: Sequence[Face], around: Box | None = None) -> tuple[Face, ...]:
        """Return those, and what the next parts of the frame show: a third of them, more where many are followed."""
        seen = self.detect_parts(frame, len(known), around)
        followed = self.follow(frame, [face for face in sighted(known, seen)[0] if face not in seen])
        return merge([Sighting(face) for face in (*seen, *followed)])

    def detect_parts(self, frame: Frame, known: int, around: Box | None = None) -> tuple[Face, ...]:
        """Return the faces in some of the regions that `detect` looks at: see `parts_searched`.

        They take turns; with `around`, every second time the one with most of that is among them. A face that a tile's
        border may cut is left to the other regions: it lies whole in one of them.
        """
        sightings = (one for region in self._parts(frame, known, around) for one in self._sightings(frame, region))
        return merge([one for one in sightings if not one.is_cut])

    def close(self) -> None:
        self._detector.close()

    def _parts(self, frame: Frame, known: int, around: Box | None) -> list[Region]:
        regions = self._regions(frame)
        count = parts_searched(len(regions), known)
        if around is not None:
            # News makes looks twice as frequent, and may go on for long: every second look is at the next part.
            count, self._shows_news = max(1, count - 1), not self._shows_news
        turns = [regions[(self._turn + turn) % len(regions)] for turn in range(1, count + 1)]
        if around is None or not self._shows_news:
            self._turn += count
            return turns
        self._turn += count - 1
        # The smallest of those that show as much: faces are largest in its thumbnail.
        best = max(regions, key=lambda region: (_shown(region, around), -region.width * region.height))
        return turns if best in turns else [best, *turns[: count - 1]]

    def _regions(self, frame: Frame) -> tuple[Region, ...]:
        whole = Region(0, 0, frame.width, frame.height)
        columns, rows = self._tiles or automatic_tiles(frame.width, frame.height)
        if columns == rows == 1:
            return (whole,)
        return (whole, *tile_regions(frame.width, frame.height, columns, rows))

    def _sightings(self, frame: Frame, region: Region) -> Iterator[Sighting]:
        for face in look(self._detector, frame, region):
            yield Sighting(face, is_cut(face.box, region, frame.width, frame.height))


def _shown(region: Region, box: Box) -> float:
    bounds = Box(region.left, region.top, region.left + region.width, region.top + region.height)
    return intersection_area(bounds, box)
