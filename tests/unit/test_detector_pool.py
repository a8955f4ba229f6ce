import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from pipeline.errors import ConfigError, ModelError
from pipeline.inference import detector_pool
from pipeline.inference.detector_pool import DetectorPool
from pipeline.ports import FaceDetector
from pipeline.types import Face, UInt8Array

PICTURE: UInt8Array = np.zeros((8, 8, 3), np.uint8)
PATIENCE_S = 30


class Watched:
    """A detector that tells when it looks and ends its look when it is let."""

    input_size_px = 8
    model_size_px = 4

    def __init__(self) -> None:
        self.looking, self.may_end = threading.Event(), threading.Event()
        self.is_closed = False

    def detect(self, picture: UInt8Array) -> tuple[Face, ...]:  # noqa: ARG002  # the port's
        self.looking.set()
        assert self.may_end.wait(PATIENCE_S)
        return ()

    def close(self) -> None:
        self.is_closed = True


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Watched]]:
    """Stand in for the detectors that pools open, and let all looks end."""
    made: list[Watched] = []

    def make(*_: object, **__: object) -> FaceDetector:
        made.append(Watched())
        return made[-1]

    monkeypatch.setattr(detector_pool, "open_detector", make)
    yield made
    for each in made:
        each.may_end.set()


def test_no_more_are_open_than_may_look_at_once(opened: list[Watched]) -> None:
    pool = DetectorPool(2)
    shares = [pool.open("full") for _ in range(5)]
    assert len(opened) == 2
    assert {(share.input_size_px, share.model_size_px) for share in shares} == {(8, 4)}


def test_kinds_are_apart(opened: list[Watched]) -> None:
    pool = DetectorPool(1)
    for name, score in (("full", 0.2), ("full", 0.3), ("short", 0.2), ("full", 0.2)):
        pool.open(name, min_score=score)
    assert len(opened) == 3


def test_two_look_at_once_and_a_third_waits_for_the_first_to_end(opened: list[Watched]) -> None:
    pool = DetectorPool(2)
    shares = [pool.open("full") for _ in range(3)]
    with ThreadPoolExecutor(3) as threads:
        looks = [threads.submit(share.detect, PICTURE) for share in shares]
        for each in opened:
            assert each.looking.wait(PATIENCE_S)
        assert not any(look.done() for look in looks)
        for each in opened:
            each.may_end.set()
        assert [look.result(PATIENCE_S) for look in looks] == [(), (), ()]


def test_a_detector_closes_when_no_share_needs_it(opened: list[Watched]) -> None:
    pool = DetectorPool(2)
    shares = [pool.open("full") for _ in range(3)]

    def closed_after(close: Callable[[], None]) -> int:
        close()
        return sum(each.is_closed for each in opened)

    assert [closed_after(share.close) for share in shares] == [0, 1, 2]
    assert closed_after(shares[0].close) == 2
    pool.open("full")
    assert len(opened) == 3


def test_what_a_look_raises_leaves_the_detector_to_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    class Failing(Watched):
        def detect(self, picture: UInt8Array) -> tuple[Face, ...]:
            raise RuntimeError(f"no faces in {picture.shape}")

    monkeypatch.setattr(detector_pool, "open_detector", lambda *_, **__: Failing())
    share = DetectorPool(1).open("full")
    for _ in range(2):
        with pytest.raises(RuntimeError, match="no faces"):
            share.detect(PICTURE)


def test_what_can_not_be_opened_is_told_to_each_who_asks(tmp_path: Path) -> None:
    pool = DetectorPool(1)
    for _ in range(2):
        with pytest.raises(ModelError, match="no YuNet model"):
            pool.open("yunet", model_path=tmp_path / "absent.onnx")
    with pytest.raises(ConfigError, match="no face detector"):
        pool.open("dlib")


def test_a_pool_for_nobody_is_refused() -> None:
    with pytest.raises(ValueError, match="room for 1, got 0"):
        DetectorPool(0)
