"""What holds of the agenda whatever is put and offered."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from pipeline.runtime.agenda import Agenda
from pipeline.runtime.channel import ChannelClosedError

OFFERS = st.lists(st.floats(0, 10), max_size=40)


def drained(agenda: Agenda[int]) -> list[int]:
    agenda.close()
    items = []
    while True:
        try:
            items.append(agenda.get())
        except ChannelClosedError:
            return items


@given(OFFERS, st.integers(1, 8))
def test_the_most_urgent_are_kept_and_each_other_is_dropped_once(urgencies: list[float], room: int) -> None:
    dropped: list[int] = []
    agenda: Agenda[int] = Agenda(64, dropped.append)
    for number, urgency in enumerate(urgencies):
        agenda.offer(number, urgency, room)
    by_urgency = sorted(range(len(urgencies)), key=lambda number: (-urgencies[number], number))
    assert drained(agenda) == by_urgency[:room]
    assert sorted(dropped) == sorted(by_urgency[room:])


@given(st.integers(0, 20), OFFERS)
def test_neither_line_waits_for_more_than_one_of_the_other(puts: int, urgencies: list[float]) -> None:
    agenda: Agenda[int] = Agenda(64, lambda _: None)
    for number in range(puts):
        agenda.put(-1 - number)
    for number, urgency in enumerate(urgencies):
        agenda.offer(number, urgency, room=64)
    items = drained(agenda)
    assert [item for item in items if item < 0] == [-1 - number for number in range(puts)]
    shared = items[: 2 * min(puts, len(urgencies))]
    assert all((first < 0) is not (second < 0) for first, second in pairwise(shared))
