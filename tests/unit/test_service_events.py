"""What happens to streams, as those hear of it who follow it over HTTP."""

import asyncio
import http.client
import json
from collections.abc import Coroutine
from datetime import UTC, datetime
from typing import Any

import pytest

from pipeline.service.event_readers import MAX_WAITING, EventReader, EventReaders, stream_of
from pipeline.service.events import EventStream
from pipeline.stream_events import PersonGone, StreamChanged, StreamEvent, StreamRemoved, VerdictChanged
from pipeline.stream_history import DepartedPerson, VerdictChange
from pipeline.types import MaskState
from tests.service import PATIENCE_S, ScriptedControl, make_server, served, service_config, stream_status

EVENTS = "/api/v1/events"
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture
def control() -> ScriptedControl:
    return ScriptedControl({"door": stream_status("door"), "yard": stream_status("yard")})


def verdict(number: int, stream: str = "door", *, has_thumbnail: bool = False) -> VerdictChanged:
    change = VerdictChange(number, 7, MaskState.UNKNOWN, MaskState.MASKED, 0.875, NOON, has_thumbnail)
    return VerdictChanged(stream, change)


def person(person_id: int, stream: str = "door") -> PersonGone:
    return PersonGone(DepartedPerson(stream, person_id, NOON, NOON, MaskState.UNMASKED, 0.75, 3))


def next_event(answer: http.client.HTTPResponse) -> tuple[str, Any]:
    """Return the name and the value of the next event, passing over what is none."""
    while not (line := answer.readline()).startswith(b"event: "):
        assert line
    data = answer.readline()
    assert data.startswith(b"data: ")
    assert answer.readline() == b"\n"
    return line.decode().strip().removeprefix("event: "), json.loads(data.removeprefix(b"data: "))


def test_all_streams_come_first_and_then_what_happens(control: ScriptedControl) -> None:
    with served(control) as client, client.asking(EVENTS) as answer:
        tell = control.next_subscriber()
        assert answer.headers["Content-Type"] == "text/event-stream; charset=utf-8"
        assert answer.headers["Cache-Control"] == "no-store"
        begun = [next_event(answer) for _ in range(2)]
        assert [(name, value["id"]) for name, value in begun] == [("stream", "door"), ("stream", "yard")]
        assert begun[0][1] == client.get("/api/v1/streams/door").json()
        for event in (verdict(4, has_thumbnail=True), person(7), StreamRemoved("yard")):
            tell(event)
        name, shown = next_event(answer)
        assert (name, shown["stream"], shown["number"], shown["verdict"]) == ("verdict", "door", 4, "masked")
        assert shown["thumbnail"] == "/api/v1/streams/door/thumbnails/4"
        name, shown = next_event(answer)
        assert (name, shown["stream"], shown["person_id"]) == ("person", "door", 7)
        assert next_event(answer) == ("removed", {"id": "yard"})


def test_one_stream_may_be_followed_alone(control: ScriptedControl) -> None:
    with served(control) as client, client.asking(f"{EVENTS}?stream=yard") as answer:
        tell = control.next_subscriber()
        tell(verdict(1, "door"))
        tell(person(2, "yard"))
        assert next_event(answer)[1]["id"] == "yard"
        assert next_event(answer)[1]["person_id"] == 2


def test_a_stream_that_is_not_there_is_a_problem(control: ScriptedControl) -> None:
    with served(control) as client:
        answer = client.get(f"{EVENTS}?stream=nobody")
    assert answer.status == 404
    assert "there is no stream 'nobody'" in answer.detail
    assert control.subscribers.empty()


def test_who_leaves_hears_no_more(control: ScriptedControl) -> None:
    with served(control) as client:
        with client.asking(EVENTS):
            tell = control.next_subscriber()
        assert control.next_unsubscribed() is tell


def test_the_end_of_the_service_ends_it(control: ScriptedControl) -> None:
    server = make_server(control, service_config({}))
    server.start()
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE_S)
    connection.request("GET", EVENTS)
    answer = connection.getresponse()
    tell = control.next_subscriber()
    server.stop()
    assert control.next_unsubscribed() is tell
    assert answer.read().startswith(b"retry: ")
    connection.close()
    tell(verdict(1))


def test_silence_is_broken_by_a_comment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.service.events.QUIET_S", 0.01)
    with served(ScriptedControl()) as client, client.asking(EVENTS) as answer:
        lines = [answer.readline() for _ in range(4)]
    assert lines == [b"retry: 3000\n", b"\n", b": nothing happened\n", b"\n"]


def run(scene: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(scene, PATIENCE_S))


def test_a_slow_reader_misses_the_oldest() -> None:
    async def scene() -> None:
        reader = EventReader(None)
        for number in range(MAX_WAITING + 10):
            reader.take(verdict(number))
        waiting = await reader.next()
        assert waiting[0] == verdict(10)
        assert len(waiting) == MAX_WAITING

    run(scene())


def test_of_the_changes_of_a_stream_the_newest_waits() -> None:
    async def scene() -> None:
        reader = EventReader(None)
        old, new = (StreamChanged(stream_status("door", width=width)) for width in (320, 640))
        events: list[StreamEvent] = [old, person(1), new, StreamChanged(stream_status("yard"))]
        for event in events:
            reader.take(event)
        assert await reader.next() == (new, person(1), events[-1])
        for event in (old, StreamRemoved("door"), new):
            reader.take(event)
        assert await reader.next() == (StreamRemoved("door"), new)

    run(scene())


def test_a_reader_who_takes_nothing_holds_up_nobody(control: ScriptedControl) -> None:
    async def scene() -> None:
        blocked = asyncio.Event()

        async def receive() -> dict[str, Any]:
            await asyncio.Event().wait()
            raise AssertionError("nothing comes")

        async def send(_message: object) -> None:
            blocked.set()
            await asyncio.Event().wait()

        answering = asyncio.create_task(EventStream(EventReaders(control), None)({"type": "http"}, receive, send))
        tell = await asyncio.to_thread(control.next_subscriber)
        await blocked.wait()
        for number in range(3 * MAX_WAITING):
            tell(verdict(number))
        answering.cancel()
        with pytest.raises(asyncio.CancelledError):
            await answering
        assert await asyncio.to_thread(control.next_unsubscribed) is tell

    run(scene())


def test_who_comes_after_the_end_is_sent_away(control: ScriptedControl) -> None:
    async def scene() -> None:
        readers = EventReaders(control)
        readers.end()
        async with readers.of(None) as reader:
            assert await reader.next() == ()

    run(scene())


def test_an_event_after_the_end_of_the_service_is_no_fault() -> None:
    async def scene() -> EventReader:
        return EventReader(None)

    asyncio.run(scene()).tell(verdict(1))


def test_every_event_names_its_stream() -> None:
    events: list[StreamEvent] = [StreamChanged(stream_status("a")), StreamRemoved("a"), verdict(1, "a"), person(1, "a")]
    assert {stream_of(event) for event in events} == {"a"}


def test_people_are_listed_by_stream_and_number(control: ScriptedControl) -> None:
    control.departed.extend(person(number, stream).person for number, stream in ((3, "yard"), (2, "door"), (1, "door")))
    with served(control) as client:
        listed = client.get("/api/v1/people").json()["people"]
        of_door = client.get("/api/v1/people?stream=door&limit=1").json()["people"]
        unknown = client.get("/api/v1/people?stream=nobody")
        refused = [client.get(f"/api/v1/people?limit={limit}") for limit in ("0", "1001", "x")]
    assert [shown["person_id"] for shown in listed] == [3, 2, 1]
    assert [shown["person_id"] for shown in of_door] == [2]
    assert listed[0] == {
        "stream": "yard",
        "person_id": 3,
        "first_seen_utc": "2026-11-22T12:00:00Z",
        "last_seen_utc": "2026-11-22T12:00:00Z",
        "verdict": "unmasked",
        "confidence": 0.75,
        "votes": 3,
    }
    assert unknown.status == 404
    assert [answer.status for answer in refused] == [422] * 3
    assert refused[0].json()["errors"][0]["key"] == "query.limit"
