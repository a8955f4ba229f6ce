import threading
from collections.abc import Callable
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.runtime.channel import Channel, ChannelClosedError, Overflow

T = TypeVar("T")


def in_thread(body: Callable[[], T]) -> Callable[[], T]:
    """Run `body` in a thread; return a function that joins it and gives what `body` returned."""
    result: list[T] = []
    thread = threading.Thread(target=lambda: result.append(body()), name="peer")
    thread.start()

    def finish() -> T:
        thread.join(timeout=30)
        assert not thread.is_alive()
        return result[0]

    return finish


def test_items_come_out_in_the_order_they_went_in() -> None:
    channel = Channel[str](3)
    for item in "abc":
        channel.put(item)
    channel.close()
    assert list(channel) == ["a", "b", "c"]


def test_a_closed_channel_takes_nothing_more_but_gives_what_it_holds() -> None:
    channel = Channel[int](2)
    channel.put(1)
    channel.close()
    with pytest.raises(ChannelClosedError):
        channel.put(2)
    assert channel.get() == 1
    with pytest.raises(ChannelClosedError):
        channel.get()


def test_block_waits_for_room() -> None:
    channel = Channel[str](1, Overflow.BLOCK)
    channel.put("first")
    putting = in_thread(lambda: channel.put("second"))
    assert channel.get(timeout_s=30) == "first"
    assert channel.get(timeout_s=30) == "second"
    putting()


def test_drop_oldest_keeps_the_newest_and_names_what_it_dropped() -> None:
    dropped: list[int] = []
    channel = Channel(2, Overflow.DROP_OLDEST, dropped.append)
    for item in range(5):
        channel.put(item)
    channel.close()
    assert dropped == [0, 1, 2]
    assert list(channel) == [3, 4]


def test_abort_discards_and_names_what_is_inside() -> None:
    dropped: list[int] = []
    channel = Channel(2, on_drop=dropped.append)
    channel.put(1)
    channel.abort()
    assert dropped == [1]
    assert list(channel) == []


@pytest.mark.parametrize("end", ["close", "abort"])
def test_ending_wakes_a_blocked_put_and_a_blocked_get(end: str) -> None:
    full, empty = Channel[str](1), Channel[str](1)
    full.put("room is gone")

    def blocked_put() -> str:
        with pytest.raises(ChannelClosedError):
            full.put("no room")
        return "woken"

    def blocked_get() -> str:
        with pytest.raises(ChannelClosedError):
            empty.get()
        return "woken"

    waiting = [in_thread(blocked_put), in_thread(blocked_get)]
    getattr(full, end)()
    getattr(empty, end)()
    assert [finish() for finish in waiting] == ["woken", "woken"]


def test_get_gives_up_after_its_timeout() -> None:
    with pytest.raises(TimeoutError):
        Channel[int](1).get(timeout_s=0.0)


def test_a_channel_holds_at_least_one_item() -> None:
    with pytest.raises(ValueError, match="got a capacity of 0"):
        Channel[int](0)


@given(st.lists(st.integers(), max_size=30), st.integers(1, 5))
def test_nothing_is_lost_or_invented_under_drop_oldest(items: list[int], capacity: int) -> None:
    dropped: list[int] = []
    channel = Channel(capacity, Overflow.DROP_OLDEST, dropped.append)
    for item in items:
        channel.put(item)
    channel.close()
    assert dropped + list(channel) == items
