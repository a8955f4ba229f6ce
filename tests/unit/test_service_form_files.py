"""The files of a form, whatever pieces it comes in."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.service.form_files import FileRules, FormFiles, RefusedFile
from pipeline.service.problem import ProblemError
from pipeline.upload import Upload
from tests.forms import BOUNDARY, FORM, form, part

MAX_BYTES = 100
END = f"--{BOUNDARY}--\r\n".encode()


@pytest.fixture(autouse=True)
def _nothing_stays_open() -> Iterator[None]:
    before = open_uploads()
    yield
    assert open_uploads() == before


def open_uploads() -> int:
    return sum("memfd:upload" in target(link) for link in Path("/proc/self/fd").iterdir())


def target(link: Path) -> str:
    try:
        return str(link.readlink())
    except FileNotFoundError:  # that by which the folder itself was read
        return ""


def form_files(max_files: int = 3) -> FormFiles:
    return FormFiles(FORM["Content-Type"], FileRules("files", MAX_BYTES, max_files))


def read(files: FormFiles, chunks: Sequence[bytes]) -> list[tuple[str, bytes | str]]:
    """Feed `chunks` and return the name of each file with its content, or with why it is refused."""
    read: list[tuple[str, bytes | str]] = []
    for chunk in chunks:
        files.feed(chunk)
        while (file := files.take()) is not None:
            if isinstance(file, RefusedFile):
                read.append((file.name, str(file.error)))
            else:
                read.append((file.name, content(file)))
                file.close()
    return read


def read_whole(chunks: Sequence[bytes]) -> None:
    with form_files() as files:
        read(files, chunks)
        files.finish()


def content(upload: Upload) -> bytes:
    return os.pread(upload.fileno(), MAX_BYTES + 1, 0)


@given(st.lists(st.binary(max_size=MAX_BYTES), min_size=1, max_size=3), st.integers(1, 40))
def test_files_are_whole_however_the_bytes_come(datas: list[bytes], step: int) -> None:
    sent = [(f"{number}.png", data) for number, data in enumerate(datas)]
    text = form(sent)
    with form_files() as files:
        assert read(files, [text[start : start + step] for start in range(0, len(text), step)]) == sent
        files.finish()


def test_what_is_too_large_is_passed_over_and_the_next_is_read() -> None:
    with form_files() as files:
        received = read(files, [form([("large.png", bytes(MAX_BYTES + 1)), ("small.png", b"x")])])
        files.finish()
    assert received[0][0] == "large.png"
    assert "too large" in str(received[0][1])
    assert received[1] == ("small.png", b"x")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\faces\\a.png", "a.png"),
        ("gr\u00fcn.png", "gr\u00fcn.png"),
        ("..", "upload"),
    ],
)
def test_a_name_is_a_name_and_no_path(name: str, shown: str) -> None:
    with form_files() as files:
        assert read(files, [form([(name.replace("\\", "\\\\"), b"x")])]) == [(shown, b"x")]


def test_a_name_that_is_no_text_is_shown_all_the_same() -> None:
    with form_files() as files:
        ((name, _),) = read(files, [form([("@", b"x")]).replace(b"@", b"\xff.png")])
    assert name.endswith(".png")


@pytest.mark.parametrize(
    "chunks",
    [
        [b"no form at all"],
        [part("files", "a.png", b"x")],
        [part("files", "a.png", b"x")[:-20]],
        [b""],
        [b"--" + BOUNDARY.encode() + b"\r\n" + b"a" * 10_000],
        [b"--" + BOUNDARY.encode() + b"\r\n" + b"a: b\r\n" * 100],
    ],
)
def test_what_is_no_whole_form_is_refused(chunks: list[bytes]) -> None:
    with pytest.raises(ProblemError, match="not a whole multipart/form-data"):
        read_whole(chunks)


@pytest.mark.parametrize("content_type", ["multipart/form-data", "multipart/form-data; boundary=" + "x" * 1000])
def test_a_form_without_a_boundary_is_refused(content_type: str) -> None:
    with pytest.raises(ProblemError, match="not a whole multipart/form-data"):
        FormFiles(content_type, FileRules("files", MAX_BYTES, 3))


def test_a_form_without_files_says_how_parts_are_named() -> None:
    nothing_chosen = part("files", "", b"")
    with form_files() as files:
        assert read(files, [part("file", "a.png", b"x") + nothing_chosen + END]) == []
        with pytest.raises(ProblemError, match="named files") as refused:
            files.finish()
    assert refused.value.status == 422


def test_more_files_than_a_form_may_hold_are_refused_and_closed() -> None:
    with form_files(max_files=2) as files, pytest.raises(ProblemError, match="more than 2 files"):
        files.feed(form([("a.png", b"x")] * 3))


def test_files_that_nobody_took_are_closed_with_it() -> None:
    before = open_uploads()
    with form_files() as files:
        files.feed(form([("a.png", b"x"), ("b.png", b"y")]) + part("files", "c.png", b"z"))
        assert open_uploads() == before + 2
