"""Labels and notes that somebody gave to faces of the data by looking at them, kept in a table beside it."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.errors import SourceError
from training.faces import LABEL_INDEX, LabelledFace

COLUMNS = ("file", "label", "note")


@dataclass(frozen=True, slots=True)
class Note:
    """What a face is: an index into `SCORED_STATES`, and a word that reports group by."""

    label: int
    note: str


def read_notes(path: Path) -> dict[str, Note]:
    """Return the note of each file that the CSV at `path` names; raise SourceError naming the line that is wrong."""
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = csv.DictReader(file)
            if tuple(rows.fieldnames or ()) != COLUMNS:
                raise SourceError(f"{path} needs the columns {', '.join(COLUMNS)}, got {rows.fieldnames}")
            return {row["file"]: _note(row, f"{path}, line {rows.line_num}") for row in rows}
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise SourceError(f"cannot read the notes {path}: {error}") from error


def noted(faces: Sequence[LabelledFace], notes: Mapping[str, Note]) -> list[LabelledFace]:
    """Return those of `faces` that have a note, with its label; raise SourceError where none has."""
    found = [
        replace(face, label=notes[face.name].label, note=notes[face.name].note) for face in faces if face.name in notes
    ]
    if not found:
        raise SourceError("the notes name no face of this split: name the split that they are about")
    return found


def _note(row: Mapping[str, str | None], place: str) -> Note:
    label = LABEL_INDEX.get(row["label"] or "")
    if label is None:
        raise SourceError(f"{place}: a label is one of {', '.join(LABEL_INDEX)}, got {row['label']}")
    return Note(label, row["note"] or "")
