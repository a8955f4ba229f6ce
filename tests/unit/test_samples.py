"""The samples of the page that checks pictures: drawn once, and offered where they can be."""

import importlib.util

import cv2
import numpy as np
import pytest

from pipeline import samples as drawing
from pipeline.errors import ConfigError
from pipeline.service import samples
from pipeline.types import UInt8Array
from tests.service import ScriptedControl, served

NEEDS_PICTURE = pytest.mark.skipif(importlib.util.find_spec("skimage") is None, reason="scikit-image is not installed")


def decoded(data: bytes) -> UInt8Array:
    return np.asarray(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR), np.uint8)


class Drawer:
    """Draws every sample of a part as its own name, and keeps count."""

    def __init__(self) -> None:
        self.parts: list[str] = []

    async def __call__(self, part: str) -> dict[str, bytes]:
        self.parts.append(part)
        own = {sample.name: sample.name.encode() for sample in samples.ALL if sample.part == part}
        return own | {f"{samples.THUMBNAIL}{sample.name}": b"small" for sample in samples.ALL if part == "pictures"}


@pytest.fixture
def drawer(monkeypatch: pytest.MonkeyPatch) -> Drawer:
    drawer = Drawer()
    monkeypatch.setattr(samples, "_draw", drawer)
    return drawer


def test_a_part_is_drawn_once_when_it_is_first_asked_for(drawer: Drawer) -> None:
    with served(ScriptedControl()) as client:
        answers = {sample.name: client.get(sample.address) for sample in samples.ALL}
        small = [client.get(sample.thumbnail) for sample in samples.ALL]
    assert {name: answer.body.decode() for name, answer in answers.items()} == {name: name for name in answers}
    assert answers["walk.mp4"].headers["Content-Type"] == "video/mp4"
    assert {(answer.body, answer.headers["Content-Type"]) for answer in small} == {(b"small", "image/jpeg")}
    assert sorted(drawer.parts) == ["clip", "pictures"]


def test_what_is_no_sample_is_not_drawn(drawer: Drawer) -> None:
    with served(ScriptedControl()) as client:
        assert "no sample" in client.get("/samples/secret.jpg").detail
    assert drawer.parts == []


@NEEDS_PICTURE
def test_the_page_offers_them_where_their_picture_is(monkeypatch: pytest.MonkeyPatch) -> None:
    def find_nothing() -> None:
        raise ConfigError("not installed")

    with served(ScriptedControl()) as client:
        assert "/samples/portrait.jpg" in client.get("/").body.decode()
        monkeypatch.setattr(samples, "demo_picture", find_nothing)
        assert "/samples/" not in client.get("/").body.decode()


@NEEDS_PICTURE
def test_pictures_of_people_are_drawn_with_small_ones_of_all() -> None:
    drawn = drawing.pictures()
    sizes = {name: decoded(data).shape for name, data in drawn.items()}
    assert sizes["four-people.jpg"] == (720, 1280, 3)
    assert {sizes[f"{samples.THUMBNAIL}{sample.name}"] for sample in samples.ALL} == {(140, 210, 3)}
    assert sum(len(data) for name, data in drawn.items() if name.startswith(samples.THUMBNAIL)) < 25_000


@NEEDS_PICTURE
@pytest.mark.slow
def test_the_clip_is_drawn() -> None:
    assert drawing.clip()["walk.mp4"][4:8] == b"ftyp"
