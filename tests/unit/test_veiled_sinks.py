"""The one way to the sinks: what they get, when, and how it ends."""

from dataclasses import replace

import numpy as np
import pytest

from pipeline.errors import SinkError
from pipeline.sinks.veiled import MAX_HELD, SPREAD_S, VeiledSinks
from pipeline.types import Box, Frame, FrameResult, Glimpse, Sight
from pipeline.vision.blur import Blur
from pipeline.vision.veil import Veil
from tests.results import FRAMES_PER_S, noisy_frame, track

FACE = Box(40, 40, 60, 66)
AHEAD = round(SPREAD_S * FRAMES_PER_S)


class Keeper:
    """A sink that keeps what it gets, and may refuse it."""

    def __init__(self, refuses_index: int = -1) -> None:
        self.results: list[FrameResult] = []
        self.closings = 0
        self._refuses_index = refuses_index

    @property
    def indices(self) -> list[int]:
        return [result.frame.index for result in self.results]

    def write(self, result: FrameResult) -> None:
        if result.frame.index == self._refuses_index:
            raise SinkError("the disk is full; free some space")
        self.results.append(result)

    def close(self) -> None:
        self.closings += 1


def seen(index: int, sight: Sight | None) -> FrameResult:
    return FrameResult(noisy_frame(index, (160, 120)), (track(1),), {}, (), sight)


def is_hidden(shown: Frame) -> bool:
    """Tell whether the middle of `FACE` is other than it was."""
    return bool((shown.y[50:56, 46:54] != noisy_frame(shown.index, (160, 120)).y[50:56, 46:54]).any())


def run(sinks: VeiledSinks, count: int, new_at: int = -1) -> None:
    """Write frames that are all looked at; the face is found on one of them alone."""
    for index in range(count):
        found = (FACE,) if index == new_at else ()
        sinks.write(seen(index, Sight(tuple(map(Glimpse, found)), 0.0, found)))


def test_every_sink_gets_covered_pictures_and_all_else_as_it_was() -> None:
    keepers = Keeper(), Keeper()
    sinks = VeiledSinks(keepers, Veil(Blur.FACES), looks_ahead=False)
    result = seen(0, Sight((Glimpse(FACE),)))
    sinks.write(result)
    for keeper in keepers:
        (shown,) = keeper.results
        assert is_hidden(shown.frame)
        assert (shown.tracks, shown.frame.media_s, shown.sight) == (result.tracks, result.frame.media_s, result.sight)


def test_no_sink_ever_gets_a_picture_of_which_nothing_is_known() -> None:
    keeper = Keeper()
    sinks = VeiledSinks([keeper], Veil(Blur.FACES), looks_ahead=False)
    sinks.write(seen(0, None))
    assert (keeper.results[0].frame.y != noisy_frame(0, (160, 120)).y).mean() > 0.9


def test_live_input_is_not_held_back_and_a_new_face_is_hidden_for_a_while_after() -> None:
    keeper = Keeper()
    sinks = VeiledSinks([keeper], Veil(Blur.FACES), looks_ahead=False)
    run(sinks, 3 * AHEAD, new_at=5)
    assert keeper.indices == list(range(3 * AHEAD))
    assert [result.frame.index for result in keeper.results if is_hidden(result.frame)] == list(range(5, 6 + AHEAD))


def test_recorded_input_hides_a_new_face_before_it_was_found_as_well() -> None:
    keeper = Keeper()
    sinks = VeiledSinks([keeper], Veil(Blur.FACES), looks_ahead=True)
    run(sinks, 4 * AHEAD, new_at=2 * AHEAD)
    assert keeper.indices == list(range(3 * AHEAD)), "the last ones wait for what follows"
    sinks.close()
    assert keeper.indices == list(range(4 * AHEAD))
    covered = [result.frame.index for result in keeper.results if is_hidden(result.frame)]
    assert covered == list(range(AHEAD, 3 * AHEAD + 1))


def test_no_more_is_held_back_than_memory_allows() -> None:
    keeper = Keeper()
    sinks = VeiledSinks([keeper], Veil(Blur.FACES), looks_ahead=True)
    for index in range(50):
        result = seen(index, Sight(()))
        sinks.write(FrameResult(replace(result.frame, media_s=index / 1000), (), {}, (), result.sight))
    assert len(keeper.results) == 50 - MAX_HELD


def test_the_first_error_is_raised_and_every_sink_is_closed_once() -> None:
    broken, whole = Keeper(refuses_index=1), Keeper()
    sinks = VeiledSinks([broken, whole], Veil(Blur.FACES), looks_ahead=True)
    run(sinks, 3)
    with pytest.raises(SinkError, match="the disk is full"):
        sinks.close()
    assert (broken.closings, whole.closings) == (1, 1)
    assert whole.indices == [0]


def test_after_an_error_nothing_that_was_held_back_is_written() -> None:
    broken = Keeper(refuses_index=0)
    sinks = VeiledSinks([broken], Veil(Blur.FACES), looks_ahead=True)
    with pytest.raises(SinkError):
        run(sinks, AHEAD + 1)
    sinks.close()
    assert (broken.indices, broken.closings) == ([], 1)


def test_pixels_are_copied_only_where_something_is_hidden() -> None:
    keeper = Keeper()
    sinks = VeiledSinks([keeper], Veil(Blur.FACES), looks_ahead=False)
    result = seen(0, Sight(()))
    sinks.write(result)
    assert np.shares_memory(keeper.results[0].frame.y, result.frame.y)
