"""What waits for the classifier: recorded crops in order, live ones by urgency."""

import math
import threading

import pytest

from pipeline.runtime.agenda import Agenda
from pipeline.runtime.channel import ChannelClosedError


class Clock:
    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def dropping(capacity: int = 8, clock: Clock | None = None) -> tuple[Agenda[str], list[str]]:
    dropped: list[str] = []
    return Agenda(capacity, dropped.append, clock or Clock()), dropped


def drained(agenda: Agenda[str]) -> str:
    agenda.close()
    items = ""
    while True:
        try:
            items += agenda.get()
        except ChannelClosedError:
            return items


def test_offers_go_by_urgency_and_alike_ones_in_order() -> None:
    agenda, _ = dropping()
    for item, urgency in (("c", 1.0), ("a", 2.5), ("d", 1.0), ("b", 2.0)):
        agenda.offer(item, urgency, room=8)
    assert drained(agenda) == "abcd"


def test_the_least_urgent_make_room_be_it_the_new_one() -> None:
    agenda, dropped = dropping()
    for item, urgency in (("a", 1.0), ("b", 2.0), ("c", 0.0), ("d", 3.0)):
        agenda.offer(item, urgency, room=2)
    assert dropped == ["c", "a"]
    agenda.offer("e", 2.5, room=1)
    assert dropped == ["c", "a", "e", "b"], "room that shrinks"
    assert drained(agenda) == "d"


def test_no_room_exceeds_the_capacity() -> None:
    agenda, dropped = dropping(capacity=1)
    for item in "ab":
        agenda.offer(item, 0.0, room=8)
    assert (len(agenda), dropped) == (1, ["b"])


def test_both_lines_have_their_turns() -> None:
    agenda, _ = dropping()
    for item in "123":
        agenda.put(item)
    for item in "abcd":
        agenda.offer(item, 0.0, room=8)
    assert drained(agenda) == "1a2b3cd"


def test_offers_are_left_alone_until_their_time_comes_or_the_end() -> None:
    clock = Clock()
    agenda, _ = dropping(clock=clock)
    agenda.offer("a", 0.0, room=8)
    agenda.put("1")
    assert agenda.get(offers_from_s=101.0) == "1"
    with pytest.raises(TimeoutError):
        agenda.get(until_s=100.0, offers_from_s=101.0)
    clock.now_s = 101.0
    assert agenda.get(until_s=100.0, offers_from_s=101.0) == "a"
    agenda.offer("b", 0.0, room=8)
    agenda.close()
    assert agenda.get(offers_from_s=math.inf) == "b"


def test_who_puts_waits_for_room() -> None:
    agenda, _ = dropping(capacity=1)
    agenda.put("1")
    thread = threading.Thread(target=agenda.put, args=("2",))
    thread.start()
    assert [agenda.get(), agenda.get()] == ["1", "2"]
    thread.join(timeout=30)
    assert not thread.is_alive()


def test_who_gets_waits_for_an_offer() -> None:
    agenda, _ = dropping()
    got: list[str] = []
    thread = threading.Thread(target=lambda: got.append(agenda.get()))
    thread.start()
    agenda.offer("a", 0.0, room=1)
    thread.join(timeout=30)
    assert got == ["a"]


def test_abort_discards_both_lines_and_takes_nothing_more() -> None:
    agenda, dropped = dropping()
    agenda.put("1")
    agenda.offer("a", 0.0, room=8)
    agenda.abort()
    assert (dropped, len(agenda)) == (["1", "a"], 0)
    for refused in (lambda: agenda.put("2"), lambda: agenda.offer("b", 0.0, room=8), lambda: agenda.get()):
        with pytest.raises(ChannelClosedError):
            refused()


def test_an_agenda_holds_something() -> None:
    with pytest.raises(ValueError, match="got a capacity of 0"):
        dropping(capacity=0)
