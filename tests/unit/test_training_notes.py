from pathlib import Path

import pytest

from pipeline.errors import SourceError
from tests.verdicts import labelled_faces
from training.faces import LABEL_INDEX
from training.notes import Note, noted, read_notes

SCARVES = Path(__file__).parents[2] / "training" / "scarves.csv"


def table(folder: Path, text: str) -> Path:
    path = folder / "notes.csv"
    path.write_text(text)
    return path


def test_faces_take_the_label_and_the_note_of_the_table_and_others_are_left_out(tmp_path: Path) -> None:
    faces = labelled_faces([0, 0, 2])
    notes = read_notes(table(tmp_path, "file,label,note\nface-1.png,unmasked,scarf\nelsewhere.png,masked,\n"))

    (face,) = noted(faces, notes)

    assert (face.name, face.label, face.note) == ("face-1.png", LABEL_INDEX["unmasked"], "scarf")
    assert face.picture is faces[1].picture


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "needs the columns file, label, note, got None"),
        ("file,note\n", r"needs the columns file, label, note, got \['file', 'note'\]"),
        ("file,label,note\na.png,covered,\n", "line 2: a label is one of masked, incorrect, unmasked, got covered"),
    ],
)
def test_a_table_that_cannot_be_used_says_where(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(SourceError, match=said):
        read_notes(table(tmp_path, text))


def test_a_table_that_is_missing_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="cannot read the notes"):
        read_notes(tmp_path / "gone.csv")


def test_notes_about_other_faces_are_an_input_error() -> None:
    with pytest.raises(SourceError, match="the notes name no face of this split"):
        noted(labelled_faces([0]), {"elsewhere.png": Note(0, "")})


def test_the_scarves_are_unmasked_faces_of_the_weak_split() -> None:
    notes = read_notes(SCARVES)

    assert len(notes) == 119
    assert set(notes.values()) == {Note(LABEL_INDEX["unmasked"], "scarf")}
    assert all(name.startswith("weak/covered/") for name in notes)
