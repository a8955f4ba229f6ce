"""The series of each stream that the parent tells: few values, right, and gone when the stream is."""

import pytest
from prometheus_client import CollectorRegistry

from pipeline.sinks.stream_families import RECONNECT_REASONS, STREAM_STATES
from pipeline.sinks.stream_metrics import StreamMetrics
from pipeline.sources.stream_state import Reason, StreamState
from tests.reported import scrape, series_of
from tests.reported_fleet import report_stream

RATIO, PERSONS = 'maskstream_compliance_ratio{stream="hall"}', 'maskstream_compliance_persons{stream="hall"}'


class Streams(StreamMetrics):
    """With `hall`, a registry and a clock moved by hand."""

    def __init__(self) -> None:
        self.now_s = 1000.0
        self.registry = CollectorRegistry()
        super().__init__(self.registry, 3600.0, lambda: self.now_s)
        self.stream_added("hall", {"line": "7"})

    def scrape(self) -> dict[str, float]:
        return scrape(self.registry)


@pytest.fixture
def streams() -> Streams:
    return Streams()


def test_a_removed_stream_leaves_no_series_and_no_other_is_touched(streams: Streams) -> None:
    report_stream(streams, "door")
    door = series_of(streams.registry, "door")
    report_stream(streams, "hall")
    streams.remove_stream("hall")
    assert series_of(streams.registry, "hall") == []
    assert series_of(streams.registry, "door") == door


def test_late_reports_bring_nothing_back(streams: Streams) -> None:
    streams.remove_stream("hall")
    streams.stream_state("hall", "live")
    streams.stream_reconnected("hall", "ended")
    streams.person_left("hall", "masked")
    streams.sink_failed("hall", "mqtt")
    assert series_of(streams.registry, "hall") == []


def test_a_stream_that_comes_back_begins_at_nothing(streams: Streams) -> None:
    report_stream(streams, "hall")
    streams.remove_stream("hall")
    streams.stream_added("hall", {})
    assert streams.scrape()[PERSONS] == 0
    assert RATIO not in streams.scrape()


def test_compliance_is_that_of_the_window_at_the_time_of_the_scrape(streams: Streams) -> None:
    streams.person_left("hall", "masked")
    streams.person_left("hall", "unknown")
    streams.now_s += 1800
    streams.person_left("hall", "unmasked")
    both = streams.scrape()
    assert (both[RATIO], both[PERSONS]) == (0.5, 2)
    streams.now_s += 1900
    later = streams.scrape()
    assert (later[RATIO], later[PERSONS]) == (0.0, 1)
    streams.now_s += 3600
    empty = streams.scrape()
    assert (empty.get(RATIO), empty[PERSONS]) == (None, 0)


def test_the_tally_is_that_of_the_series(streams: Streams) -> None:
    streams.person_left("hall", "masked")
    streams.person_left("hall", "unknown")
    tally = streams.tally("hall")
    assert (tally.compliance, tally.judged, tally.unknown) == (1.0, 1, 1)
    assert streams.tally("door").persons == 0


def test_every_state_of_a_source_is_one_of_the_metrics(streams: Streams) -> None:
    for state in StreamState:
        streams.stream_state("hall", state.value)
    assert {state.value for state in StreamState} == set(STREAM_STATES)


def test_every_bad_news_of_a_source_may_end_a_connection() -> None:
    good = {Reason.STARTED, Reason.RETRY, Reason.PICTURES, Reason.PAUSED}
    assert {reason.value for reason in set(Reason) - good} == set(RECONNECT_REASONS)


def test_a_stream_is_up_while_it_is_live_alone(streams: Streams) -> None:
    up = {}
    for state in STREAM_STATES:
        streams.stream_state("hall", state)
        series = streams.scrape()
        up[state] = series['maskstream_stream_up{stream="hall"}']
        states = [series[f'maskstream_stream_state{{state="{each}",stream="hall"}}'] for each in STREAM_STATES]
        assert states == [each == state for each in STREAM_STATES]
    assert up == {state: state == "live" for state in STREAM_STATES}


def test_new_labels_replace_the_old_ones(streams: Streams) -> None:
    streams.stream_added("hall", {"depot": 'north "2"'})
    info = [series for series in streams.scrape() if "stream_info" in series]
    assert info == ['maskstream_stream_info{depot="north \\"2\\"",stream="hall"}']


@pytest.mark.parametrize("name", ["stream", "instance", "__name__", "line no", "7", ""])
def test_a_label_that_metrics_cannot_have_is_refused(streams: Streams, name: str) -> None:
    with pytest.raises(ValueError, match=f"'{name}' cannot label"):
        streams.stream_added("door", {name: "7"})
    assert series_of(streams.registry, "door") == []


def test_a_value_that_is_none_is_refused(streams: Streams) -> None:
    with pytest.raises(ValueError, match=r"a stream's state is one of connecting, live, .*, got 'asleep'"):
        streams.stream_state("hall", "asleep")
    with pytest.raises(ValueError, match=r"what ends a connection is one of ended, .*, got 'bored'"):
        streams.stream_reconnected("hall", "bored")
    with pytest.raises(ValueError, match="veiled"):
        streams.person_left("hall", "veiled")
