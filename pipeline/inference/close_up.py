"""Looks at places of a frame close up: at one by itself, at several side by side on one picture."""

from collections.abc import Iterable, Sequence

import cv2
import numpy as np

from pipeline.ports import FaceDetector
from pipeline.types import Box, Face, Frame, UInt8Array
from pipeline.vision.i420 import thumbnail
from pipeline.vision.overlap import iou, overlap
from pipeline.vision.tiles import Region, is_cut, place, square_region

FOLLOWED_COVER = 0.15
"""A face that is followed, and one found where it should be, share this much of the smaller box."""

SQUARE_PER_FACE = 2.5
"""Side of the square that is looked at close up, in sizes of the face. On scenes.zip 2, 2.5 and 3 do equally well."""

SHEET_SQUARE_PER_FACE = 2.25
"""The same where squares share a picture; 2 and 2.5 show as many faces."""

SHEET_SIDE = 2
"""Squares side by side on a picture: four cost what one costs. `python -m benchmarks close-ups` says what they miss."""

PLACE_MARGIN = 1.25
"""Side of the square that is looked at around a place where something moves, in longer sides of its box."""

SMALLEST_PLACE = 0.33
"""The same at least, as a share of the frame's shorter side: a head may be just outside of what moves."""


def look(detector: FaceDetector, frame: Frame, region: Region) -> list[Face]:
    """Return the faces that `detector` finds in a thumbnail of `region`, in pixels of the frame."""
    picture = thumbnail(frame, region, detector.input_size_px)
    return place(detector.detect(picture), region, (region.width / picture.shape[1], region.height / picture.shape[0]))


def look_close_up(detector: FaceDetector, frame: Frame, box: Box) -> list[Face]:
    """Return the faces that `detector` finds in a square around `box`, in pixels of the frame."""
    return look(detector, frame, _square(frame, box, SQUARE_PER_FACE * box.size_px))


def find_again(detector: FaceDetector, frame: Frame, boxes: Sequence[Box]) -> list[Face | None]:
    """Return for each of `boxes` the face of `frame` that is there now, None where `detector` finds none."""
    found: list[Face | None] = []
    for start in range(0, len(boxes), SHEET_SIDE**2):
        some = boxes[start : start + SHEET_SIDE**2]
        looks = [look_close_up(detector, frame, some[0])] if len(some) == 1 else _look_at_faces(detector, frame, some)
        found += [closest(faces, box) for faces, box in zip(looks, some, strict=True)]
    return found


def closest(faces: Iterable[Face], box: Box) -> Face | None:
    """Return the face that lies best on `box`, None where none does: a neighbour is not who was looked for.

    A part of a face that looks like one has the worse score, and may lie better than the face, which has moved.
    """
    near = (face for face in faces if overlap(face.box, box) >= FOLLOWED_COVER)
    return max(near, key=lambda face: face.score * iou(face.box, box), default=None)


def look_at_places(detector: FaceDetector, frame: Frame, places: Sequence[Box]) -> list[Face]:
    """Return the whole faces found in squares around the first few of `places`, which together cost what one costs.

    Boxes are in pixels of the frame, and a face may come twice.
    """
    least_px = SMALLEST_PLACE * min(frame.width, frame.height)
    sides = [max(PLACE_MARGIN * max(box.width, box.height), least_px) for box in places[: SHEET_SIDE**2]]
    regions = [_evened(_square(frame, box, side)) for box, side in zip(places, sides, strict=False)]
    if len(regions) > 1:
        return [face for faces in _look_at_sheet(detector, frame, regions) for face in faces]
    return [face for region in regions for face in _whole(look(detector, frame, region), region, frame)]


def _square(frame: Frame, box: Box, side_px: float) -> Region:
    x, y = box.center
    center = min(max(x, 0), frame.width), min(max(y, 0), frame.height)
    return square_region(center, side_px, frame.width, frame.height)


def _look_at_faces(detector: FaceDetector, frame: Frame, boxes: Sequence[Box]) -> list[list[Face]]:
    regions = [_evened(_square(frame, box, SHEET_SQUARE_PER_FACE * box.size_px)) for box in boxes]
    return _look_at_sheet(detector, frame, regions)


def _look_at_sheet(detector: FaceDetector, frame: Frame, regions: Sequence[Region]) -> list[list[Face]]:
    """Return, for each of up to `SHEET_SIDE` squared `regions`, the whole faces in it.

    The sheet is drawn at the size that the model sees, since a larger one costs more and shows no face more. Enlarged,
    it is boxed as finely as other pictures.
    """
    side_px = detector.model_size_px // SHEET_SIDE
    sheet = np.zeros((SHEET_SIDE * side_px, SHEET_SIDE * side_px, 3), np.uint8)
    cells = [_paste(sheet, number, side_px, _filling(frame, region, side_px)) for number, region in enumerate(regions)]
    times = detector.input_size_px // detector.model_size_px
    found = detector.detect(np.asarray(cv2.resize(sheet, None, fx=times, fy=times, interpolation=cv2.INTER_NEAREST)))
    cells = [Region(*(times * edge_px for edge_px in cell)) for cell in cells]
    return [_in_cell(found, cell, region, frame) for cell, region in zip(cells, regions, strict=True)]


def _evened(region: Region) -> Region:
    """Return `region` without up to three columns and rows: multiples of four are shrunk at a fifth of the price."""
    return Region(region.left, region.top, max(1, region.width & ~3), max(1, region.height & ~3))


def _filling(frame: Frame, region: Region, side_px: int) -> UInt8Array:
    """Return `region` with its longer side `side_px`: detectors enlarge a small picture, but not a part of one."""
    picture = thumbnail(frame, region, side_px)
    scale = side_px / max(picture.shape[:2])
    if scale <= 1:
        return picture
    size = max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_LINEAR), np.uint8)


def _paste(sheet: UInt8Array, number: int, side_px: int, picture: UInt8Array) -> Region:
    """Put `picture` into the cell of that number; return where it is on the sheet."""
    row, column = divmod(number, SHEET_SIDE)
    cell = Region(column * side_px, row * side_px, picture.shape[1], picture.shape[0])
    sheet[cell.top : cell.top + cell.height, cell.left : cell.left + cell.width] = picture
    return cell


def _in_cell(found: Iterable[Face], cell: Region, region: Region, frame: Frame) -> list[Face]:
    """Return those of `found` that lie in `cell`, which shows `region`, in pixels of `frame`.

    Half a face at a border between cells is drawn off its place: it is nobody's.
    """
    scale = region.width / cell.width, region.height / cell.height
    in_cell = place((face for face in found if _holds(cell, face.box)), Region(-cell.left, -cell.top, 0, 0), (1, 1))
    return _whole(place(in_cell, region, scale), region, frame)


def _whole(faces: Iterable[Face], region: Region, frame: Frame) -> list[Face]:
    return [face for face in faces if not is_cut(face.box, region, frame.width, frame.height)]


def _holds(cell: Region, box: Box) -> bool:
    x, y = box.center
    return cell.left <= x < cell.left + cell.width and cell.top <= y < cell.top + cell.height
