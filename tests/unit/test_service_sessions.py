"""Who has signed in, and for how long."""

from pipeline.service.sessions import MAX_AGE_S, MAX_IDLE_S, MAX_SESSIONS, Sessions
from tests.stepped import SteppedClock


def test_a_session_is_found_by_its_key_until_it_ends() -> None:
    sessions = Sessions()
    key, session = sessions.begin()
    assert sessions.find(key) == session
    sessions.end(key)
    sessions.end(key)
    assert sessions.find(key) is None


def test_keys_and_what_pages_show_can_not_be_guessed_from_each_other() -> None:
    sessions = Sessions()
    begun = [sessions.begin() for _ in range(4)]
    secrets = {text for key, session in begun for text in (key, session.csrf)}
    assert len(secrets) == 8
    assert min(map(len, secrets)) >= 43


def test_nothing_is_found_by_what_is_no_key() -> None:
    sessions = Sessions()
    _, session = sessions.begin()
    assert [sessions.find(key) for key in ("", session.csrf, "\udcff", "é" * 10_000)] == [None] * 4


def test_a_session_that_nobody_uses_ends() -> None:
    clock = SteppedClock()
    sessions = Sessions(clock.read)
    key, session = sessions.begin()
    clock.wait(MAX_IDLE_S)
    assert sessions.find(key) == session
    clock.wait(MAX_IDLE_S + 1)
    assert sessions.find(key) is None
    assert sessions.find(key) is None


def test_a_session_ends_some_day_however_often_it_is_used() -> None:
    clock = SteppedClock()
    sessions = Sessions(clock.read)
    key, _ = sessions.begin()
    uses = 0
    while sessions.find(key) is not None:
        clock.wait(MAX_IDLE_S)
        uses += 1
    assert uses == MAX_AGE_S / MAX_IDLE_S + 1


def test_the_one_used_longest_ago_makes_room() -> None:
    sessions = Sessions()
    (oldest, _), (used, session) = sessions.begin(), sessions.begin()
    for _ in range(MAX_SESSIONS - 2):
        sessions.begin()
    assert sessions.find(used) == session
    sessions.begin()
    assert (sessions.find(oldest), sessions.find(used)) == (None, session)
