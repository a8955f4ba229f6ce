"""`pictures.csv`: the faces of a folder of independent pictures."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.sinks import cells
from pipeline.sinks.whole_file import WholeFile
from pipeline.types import Box, Scores, Verdict

PICTURE_COLUMNS = (
    "file",
    "x1",
    "y1",
    "x2",
    "y2",
    "verdict",
    "confidence",
    "p_masked",
    "p_incorrect",
    "p_unmasked",
    "face_px",
)


@dataclass(frozen=True, slots=True)
class JudgedFace:
    """A face of a picture with its verdict; `scores` is None where the face was not worth classifying.

    `why` is a sentence for people where nothing is said of it.
    """

    box: Box
    verdict: Verdict
    scores: Scores | None = None
    why: str | None = None


class PicturesTable:
    """Writes a row per face, and a row of empty cells for a picture without one, in the order given."""

    def __init__(self, path: Path) -> None:
        self._file = WholeFile(path)
        self._writer = csv.writer(self._file, lineterminator="\n")
        self._writer.writerow(PICTURE_COLUMNS)

    def write(self, name: str, faces: Sequence[JudgedFace]) -> None:
        """Take one picture's faces; raise SinkError where they can't be kept."""
        file = cells.file_name(name)
        rows = [_cells(face) for face in faces] or [("",) * (len(PICTURE_COLUMNS) - 1)]
        self._writer.writerows((file, *row) for row in rows)

    def close(self) -> None:
        """Give the file its name; closing twice is allowed."""
        self._file.close()


def _cells(face: JudgedFace) -> tuple[str, ...]:
    box, verdict, scores = face.box, face.verdict, face.scores
    corners = [cells.pixels(value) for value in (box.x1, box.y1, box.x2, box.y2)]
    chances = [cells.share(value) for value in scores.as_tuple()] if scores else ["", "", ""]
    return (*corners, verdict.state.value, cells.share(verdict.confidence), *chances, cells.pixels(box.size_px))
