"""Pictures of strangers: read right, or refused by the right error."""

import pytest

from pipeline.sources.visitor_picture import visitor_picture
from pipeline.upload import plain_name
from pipeline.upload_errors import UploadError, UploadTooLargeError
from tests.hostile_pictures import HostileFile, Outcome, encoded, hostile_pictures

MAX_PIXELS = 50_000_000
FILES = list(hostile_pictures())


def test_there_are_many() -> None:
    assert len(FILES) > 75


@pytest.mark.parametrize("file", FILES, ids=lambda file: plain_name(file.name)[:30])
def test_each_comes_to_what_it_should(file: HostileFile, capfd: pytest.CaptureFixture[str]) -> None:
    assert outcome_of(file.data) in file.outcomes
    assert capfd.readouterr() == ("", "")


def outcome_of(data: bytes) -> Outcome:
    try:
        height, width, _ = visitor_picture(data, "hers.jpg", MAX_PIXELS).shape
    except UploadError as error:
        return type(error)
    return width, height


def test_a_refusal_calls_the_file_by_its_name_and_says_what_to_do() -> None:
    with pytest.raises(UploadTooLargeError, match=r"^big\.jpg claims 64 x 48 pixels; at most .* reduce it$"):
        visitor_picture(encoded("JPEG"), "big.jpg", max_pixels=1000)
