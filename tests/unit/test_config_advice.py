"""What an operator is advised of, without being refused anything."""

import pytest

from pipeline.config.advice import advice
from pipeline.config.schema import Config

DOOR = {"id": "door", "url": "rtsp://cam/1"}


def advised(**keys: object) -> str:
    return " ".join(advice(Config.model_validate({"streams": [DOOR], **keys})))


def test_an_ordinary_configuration_needs_none() -> None:
    assert advised() == ""


def test_one_camera_under_two_names_is_told() -> None:
    assert "door and gate" in advised(streams=[DOOR, {**DOOR, "id": "gate"}])


@pytest.mark.parametrize(("blur", "is_told"), [("off", False), ("faces", True), ("all", True)])
def test_sharp_thumbnails_of_what_is_blurred_are_told(blur: str, is_told: bool) -> None:
    assert ("door" in advised(defaults={"thumbnails": "sharp", "blur": blur})) is is_told


def test_streams_that_rest_may_make_and_nobody_can_are_told() -> None:
    assert "http.token" in advised(http={"rest_url_hosts": ["10.0.7.0/24"]})
