"""Finds faces in frames by looking at thumbnails: of the whole frame, and of tiles where faces are distant."""

from collections.abc import Iterator

from pipeline.ports import FaceDetector
from pipeline.types import Face, Frame
from pipeline.vision.i420 import thumbnail
from pipeline.vision.tiles import Region, Sighting, is_cut, merge, place, tile_regions


class ThumbnailDetector:
    """A `FrameDetector` that shows a `FaceDetector` thumbnails of the size that the detector works at.

    With more than one tile the whole frame is looked at too, for faces too near to fit into a tile.
    """

    def __init__(self, detector: FaceDetector, tiles: tuple[int, int] = (1, 1)) -> None:
        """Look with `detector`, which this object owns from now on, at `tiles` (columns, rows) a frame."""
        self._detector = detector
        self._tiles = tiles

    def detect(self, frame: Frame) -> tuple[Face, ...]:
        """Return the faces, boxes in pixels of the frame, best score first, each face once."""
        return merge([sighting for region in self._regions(frame) for sighting in self._look(frame, region)])

    def close(self) -> None:
        self._detector.close()

    def _regions(self, frame: Frame) -> tuple[Region, ...]:
        whole = Region(0, 0, frame.width, frame.height)
        if self._tiles == (1, 1):
            return (whole,)
        return (whole, *tile_regions(frame.width, frame.height, *self._tiles))

    def _look(self, frame: Frame, region: Region) -> Iterator[Sighting]:
        picture = thumbnail(frame, region, self._detector.input_size_px)
        scale = region.width / picture.shape[1], region.height / picture.shape[0]
        for face in place(self._detector.detect(picture), region, scale):
            yield Sighting(face, is_cut(face.box, region, frame.width, frame.height))
