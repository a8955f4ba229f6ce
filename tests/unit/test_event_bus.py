"""Who hears what of the streams."""

from dataclasses import replace

from pipeline.fleet.event_bus import EventBus
from pipeline.stream_events import StreamChanged, StreamEvent, StreamRemoved
from tests.service import stream_status

GATE, DOOR = stream_status("gate"), stream_status("door")


def test_everybody_hears_until_they_go() -> None:
    bus = EventBus()
    first: list[StreamEvent] = []
    second: list[StreamEvent] = []
    leave = bus.subscribe(first.append)
    bus.subscribe(second.append)
    bus.publish(StreamRemoved("one"))
    leave()
    leave()
    bus.publish(StreamRemoved("two"))
    assert first == [StreamRemoved("one")]
    assert second == [StreamRemoved("one"), StreamRemoved("two")]


def test_a_status_is_told_where_it_is_another() -> None:
    bus = EventBus()
    heard: list[StreamEvent] = []
    bus.subscribe(heard.append)
    lively = replace(GATE, frames_per_s=25.0)
    for status in (GATE, GATE, lively, lively, GATE):
        bus.publish_changes([status])
    assert heard == [StreamChanged(GATE), StreamChanged(lively), StreamChanged(GATE)]


def test_who_comes_later_is_told_of_what_changes_from_then_on() -> None:
    bus = EventBus()
    heard: list[StreamEvent] = []
    bus.subscribe(lambda _event: None)
    bus.publish_changes([GATE])
    bus.subscribe(heard.append)
    bus.publish_changes([GATE, DOOR])
    assert heard == [StreamChanged(DOOR)]


def test_a_stream_that_comes_again_is_told_again() -> None:
    bus = EventBus()
    heard: list[StreamEvent] = []
    bus.subscribe(heard.append)
    bus.publish_changes([GATE])
    bus.publish(StreamRemoved("gate"))
    bus.publish_changes([GATE])
    assert heard == [StreamChanged(GATE), StreamRemoved("gate"), StreamChanged(GATE)]
