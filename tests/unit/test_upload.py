import os

import pytest

from pipeline.upload import MAX_NAME_CHARACTERS, Upload, plain_name
from pipeline.upload_errors import UploadTooLargeError


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("me.jpg", "me.jpg"),
        ("../../etc/passwd", "passwd"),
        ("C:\\pictures\\me.jpg", "me.jpg"),
        ("a\nb\x1b[31m\u202e.jpg", "ab[31m.jpg"),
        ("", "upload"),
        ("/", "upload"),
        ("..", "upload"),
        ("x" * 500, "x" * MAX_NAME_CHARACTERS),
    ],
)
def test_a_name_is_shown_without_folders_and_control_characters(name: str, shown: str) -> None:
    assert plain_name(name) == shown


def test_what_is_written_is_in_the_memory_behind_the_descriptor() -> None:
    with Upload("a.jpg", max_bytes=8) as upload:
        upload.write(b"1234")
        upload.write(b"5678")
        assert os.pread(upload.fileno(), 100, 0) == b"12345678"
        assert upload.size_bytes == 8


def test_more_than_is_allowed_is_refused_at_once() -> None:
    with Upload("a.jpg", max_bytes=4_000_000) as upload:
        upload.write(bytes(4_000_000))
        with pytest.raises(UploadTooLargeError, match=r"a\.jpg is too large: at most 4 MB are taken"):
            upload.write(b"1")


def test_a_closed_one_has_no_descriptor() -> None:
    upload = Upload.of("a.jpg", b"1")
    upload.close()
    upload.close()
    with pytest.raises(ValueError, match="closed"):
        upload.fileno()
