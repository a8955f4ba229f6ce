"""A file that is looped as if it were a camera goes by the clock, and waits for who is slow."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from pipeline.sources.looped import MOST_LATE_S, LoopedFile
from tests.media import Clip, write_clip
from tests.stepped import SteppedClock


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock()


@pytest.fixture
def looped(clock: SteppedClock, tmp_path: Path) -> Iterator[LoopedFile]:
    path = write_clip(tmp_path / "clip.mkv", Clip(times_s=(0.0, 0.1, 0.2)))
    with closing(LoopedFile(path, clock, clock.read)) as opened:
        yield opened


def stamps_s(looped: LoopedFile, count: int) -> list[float]:
    stamps = [picture.stamp_s for _ in range(count) for picture in looped.read().pictures]
    return [stamp_s for stamp_s in stamps if stamp_s is not None]


def test_each_picture_comes_at_its_time(clock: SteppedClock, looped: LoopedFile) -> None:
    moments_s = []
    for _ in range(7):
        assert len(looped.read().pictures) == 1
        moments_s.append(clock.now_s - 1000.0)
    assert moments_s == pytest.approx([0.1 * index for index in range(7)], abs=2e-3)


def test_a_hiccup_is_made_up_for(clock: SteppedClock, looped: LoopedFile) -> None:
    first = stamps_s(looped, 1)
    clock.now_s += MOST_LATE_S
    assert first + stamps_s(looped, 6) == pytest.approx([0.1 * index for index in range(7)], abs=2e-3)


def test_who_is_slow_sees_the_file_more_slowly(clock: SteppedClock, looped: LoopedFile) -> None:
    stamps = []
    for _ in range(7):
        stamps += stamps_s(looped, 1)
        clock.now_s += 2.0
    assert stamps == pytest.approx([2.0 * index for index in range(7)], abs=2e-3)


def test_an_interrupted_wait_gives_no_picture(clock: SteppedClock, looped: LoopedFile) -> None:
    clock.set()
    assert looped.read().pictures == ()
