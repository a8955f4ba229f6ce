"""Finds faces in frames by looking at thumbnails: of the whole frame, and of tiles where faces are distant."""

from collections.abc import Iterator

from pipeline.ports import FaceDetector
from pipeline.types import Face, Frame
from pipeline.vision.i420 import thumbnail
from pipeline.vision.tiles import Region, Sighting, automatic_tiles, is_cut, merge, place, tile_regions


def look(detector: FaceDetector, frame: Frame, region: Region) -> list[Face]:
    """Return the faces that `detector` finds in a thumbnail of `region`, in pixels of the frame."""
    picture = thumbnail(frame, region, detector.input_size_px)
    return place(detector.detect(picture), region, (region.width / picture.shape[1], region.height / picture.shape[0]))


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

    def detect(self, frame: Frame) -> tuple[Face, ...]:
        """Return the faces, boxes in pixels of the frame, best score first, each face once."""
        return merge([sighting for region in self._regions(frame) for sighting in self._sightings(frame, region)])

    def close(self) -> None:
        self._detector.close()

    def _regions(self, frame: Frame) -> tuple[Region, ...]:
        whole = Region(0, 0, frame.width, frame.height)
        columns, rows = self._tiles or automatic_tiles(frame.width, frame.height)
        if columns == rows == 1:
            return (whole,)
        return (whole, *tile_regions(frame.width, frame.height, columns, rows))

    def _sightings(self, frame: Frame, region: Region) -> Iterator[Sighting]:
        for face in look(self._detector, frame, region):
            yield Sighting(face, is_cut(face.box, region, frame.width, frame.height))
