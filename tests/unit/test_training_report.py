import re
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import cv2
import numpy as np
import pytest

from pipeline.errors import SinkError
from tests.verdicts import labelled_faces, random_case
from training.answers import JudgedModel
from training.bootstrap import Resampling
from training.evaluate import evaluation
from training.report import PAGE, Subject, default_folder, write_report

REPOSITORY = Path(__file__).parents[2]
SUBJECT = Subject(model="<b>&model.onnx", data="faces.zip", split="val", input_size_px=32)
PLOTS = {"confusion.png", "reliability.png", "risk-coverage.png", "mistakes.png"}
VOID = {"meta", "img", "source", "br"}


class Page(HTMLParser):
    """Checks that every element is closed, and gathers what is referred to."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.references: list[str] = []
        self.images: list[dict[str, str | None]] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        values = dict(attrs)
        self.references += [values[name] or "" for name in ("src", "srcset", "href", "data") if name in values]
        if tag == "img":
            self.images.append(values)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report about made-up faces."""
    labels, probabilities = random_case(40)
    faces = labelled_faces(labels, notes=("<i>scarf</i>",) * 40)
    found = evaluation(faces, JudgedModel("0" * 64, probabilities, unknown_below=0.5), Resampling(replicates=20))
    out = tmp_path_factory.mktemp("reports") / "new"
    assert write_report(out, SUBJECT, found, faces) == out / PAGE
    return out


@pytest.fixture(scope="module")
def page(folder: Path) -> str:
    return (folder / PAGE).read_text(encoding="utf-8")


def test_the_page_is_closed_and_needs_nothing_beside_it(page: str) -> None:
    parsed = Page()
    parsed.feed(page)

    assert parsed.open == []
    assert len(parsed.images) == len(PLOTS)
    assert all(image["alt"] for image in parsed.images)
    assert len(parsed.references) == 2 * len(PLOTS)  # for light and for dark surroundings
    assert all(re.fullmatch(r"data:image/png;base64,[A-Za-z0-9+/]+=*", one) for one in parsed.references)
    assert not parsed.tags & {"script", "link", "iframe", "object"}
    assert not re.search(r"https?:|url\(|@import", page)


def test_names_are_escaped(page: str) -> None:
    assert "&lt;b&gt;&amp;model.onnx" in page
    assert "<b>" not in page
    assert "&lt;i&gt;scarf" in page
    assert "<i>" not in page


def test_plots_are_pictures_with_something_in_them(folder: Path) -> None:
    assert {path.name for path in folder.glob("*.png")} == PLOTS
    for name in PLOTS:
        picture = cv2.imread(str(folder / name))
        assert picture is not None
        height, width = picture.shape[:2]
        assert 500 <= width <= 2000
        assert 300 <= height <= 2000
        assert picture.std() > 10


def test_a_report_keeps_itself_out_of_git(folder: Path) -> None:
    """Wherever it lies: its folder says so itself."""
    files = [str(path) for path in folder.iterdir()]
    subprocess.run(["git", "init", "-q"], cwd=folder.parent, check=True)

    ignored = subprocess.run(["git", "check-ignore", *files], cwd=folder.parent, capture_output=True, text=True).stdout

    assert sorted(ignored.split()) == sorted(files)


def test_the_usual_folder_is_ignored_by_the_repository() -> None:
    usual = default_folder(SUBJECT) / "mistakes.png"

    assert subprocess.run(["git", "check-ignore", "-q", str(usual)], cwd=REPOSITORY).returncode == 0


def test_a_folder_with_rules_of_its_own_keeps_them(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("mine\n")
    faces = labelled_faces([0, 2])
    probabilities = np.eye(3, dtype=np.float32)[[0, 2]]

    page = write_report(
        tmp_path, SUBJECT, evaluation(faces, JudgedModel("0" * 64, probabilities), Resampling(5)), faces
    )

    assert (tmp_path / ".gitignore").read_text() == "mine\n"
    assert "There is none." in page.read_text(encoding="utf-8")
    assert not (tmp_path / "mistakes.png").exists()


def test_a_folder_that_cannot_be_made_is_an_output_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    faces = labelled_faces([0, 2])
    found = evaluation(faces, JudgedModel("0" * 64, np.eye(3, dtype=np.float32)[[0, 2]]), Resampling(5))

    with pytest.raises(SinkError, match="cannot write the report into"):
        write_report(tmp_path / "file" / "report", SUBJECT, found, faces)
