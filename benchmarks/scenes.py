"""Annotated scenes as frames, and the rule by which a detection is right."""

import csv
import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import SourceError
from pipeline.types import SCORED_STATES, Box, ColorMatrix, ColorRange, Face, Frame
from pipeline.vision.i420 import i420_from_rgb
from pipeline.vision.overlap import iou
from training.faces import decode_picture

MIN_IOU = 0.3
SIZE_RATIO = 2.5
"""Longer sides of two boxes with one centre in the other may differ by less than this factor."""

STATES = tuple(state.value for state in SCORED_STATES)


@dataclass(frozen=True, slots=True)
class AnnotatedFace:
    """A face as annotated; `state` is its index in `SCORED_STATES`."""

    box: Box
    state: int


@dataclass(frozen=True, slots=True)
class Scene:
    """A picture as a frame of a stream, and all the faces in it."""

    frame: Frame
    faces: tuple[AnnotatedFace, ...]


def load_scenes(path: Path) -> tuple[Scene, ...]:
    """Read the pictures and `scenes.csv` of a zip; raises SourceError where either is missing."""
    try:
        with zipfile.ZipFile(path) as archive:
            table = list(csv.DictReader(io.StringIO(archive.read("scenes.csv").decode("utf-8"))))
            names = sorted({row["file"] for row in table})
            return tuple(_scene(name, archive.read(name), table) for name in names)
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        raise SourceError(f"{path} is no zip of annotated scenes: {error}; name the data folder by --data") from error


def _scene(name: str, data: bytes, table: Sequence[dict[str, str]]) -> Scene:
    planes = i420_from_rgb(decode_picture(data, name), ColorMatrix.BT601, ColorRange.FULL)
    frame = Frame(name, 0, 0.0, planes.y, planes.u, planes.v, ColorMatrix.BT601, ColorRange.FULL)
    return Scene(frame, tuple(_annotated(row) for row in table if row["file"] == name))


def _annotated(row: dict[str, str]) -> AnnotatedFace:
    box = Box(*(float(row[key]) for key in ("x1", "y1", "x2", "y2")))
    return AnnotatedFace(box, STATES.index(row["label"]))


def match(annotated: Sequence[AnnotatedFace], found: Sequence[Face]) -> list[int | None]:
    """Return, for each found face, the index of the annotated face that it shows, or None where it shows none.

    One to one, best score first: each takes the free annotated face of largest overlap among those that it fits.
    """
    free = set(range(len(annotated)))
    matches: list[int | None] = []
    for face in found:
        fitting = [index for index in free if fits(face.box, annotated[index].box)]
        best = max(fitting, key=lambda index: iou(face.box, annotated[index].box), default=None)
        matches.append(best)
        free.discard(-1 if best is None else best)
    return matches


def fits(found: Box, annotated: Box) -> bool:
    """Say whether the boxes overlap enough, or the found centre lies in the annotated box and sizes are alike."""
    (x, y), ratio = found.center, found.size_px / annotated.size_px
    is_inside = annotated.x1 <= x < annotated.x2 and annotated.y1 <= y < annotated.y2
    is_alike = 1 / SIZE_RATIO < ratio < SIZE_RATIO
    return iou(found, annotated) >= MIN_IOU or (is_inside and is_alike)
