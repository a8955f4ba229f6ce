"""The series of each stream: few, right, and gone when the stream is."""

import pytest

from pipeline.sinks.prometheus import PrometheusTelemetry
from pipeline.sinks.stream_families import RECONNECT_REASONS, STREAM_STATES, VERDICTS
from pipeline.sources.stream_state import Reason, StreamState
from tests.reported import report_all, scrape, series_of

MOST_SERIES = 60


class Clocks:
    """The clocks of a telemetry, moved by hand."""

    def __init__(self) -> None:
        self.monotonic_s = 1000.0
        self.unix_s = 1_772_353_800.0


@pytest.fixture
def clocks() -> Clocks:
    return Clocks()


@pytest.fixture
def telemetry(clocks: Clocks) -> PrometheusTelemetry:
    return PrometheusTelemetry(3600.0, lambda: clocks.monotonic_s, lambda: clocks.unix_s)


def test_a_stream_that_suffers_everything_has_few_series(telemetry: PrometheusTelemetry) -> None:
    report_all(telemetry, "hall")
    series = series_of(telemetry.registry, "hall")
    assert len(series) <= MOST_SERIES, "\n".join(series)


def test_stages_batches_and_queues_know_no_stream(telemetry: PrometheusTelemetry) -> None:
    telemetry.stage_took("detect", 0.004)
    telemetry.batch_ran(8, 0.01)
    telemetry.watch_queue("frames", lambda: 1)
    assert not [series for series in scrape(telemetry.registry) if "stream=" in series]


def test_a_removed_stream_leaves_no_series_and_no_other_is_touched(telemetry: PrometheusTelemetry) -> None:
    report_all(telemetry, "door")
    door = series_of(telemetry.registry, "door")
    report_all(telemetry, "hall")
    telemetry.remove_stream("hall")
    assert series_of(telemetry.registry, "hall") == []
    assert series_of(telemetry.registry, "door") == door


def test_a_thousand_streams_that_come_and_go_leave_nothing(telemetry: PrometheusTelemetry) -> None:
    def names() -> list[str]:
        return sorted(series for series in scrape(telemetry.registry) if not series.startswith("process_"))

    before = names()
    for number in range(1000):
        report_all(telemetry, f"bus-{number}")
        telemetry.remove_stream(f"bus-{number}")
    assert names() == before


def test_a_stream_that_comes_back_begins_at_nothing(telemetry: PrometheusTelemetry) -> None:
    report_all(telemetry, "hall")
    telemetry.remove_stream("hall")
    telemetry.frame_done("hall", "processed")
    series = scrape(telemetry.registry)
    assert series['maskstream_frames_total{outcome="processed",stream="hall"}'] == 1
    assert series['maskstream_compliance_persons{stream="hall"}'] == 0
    assert 'maskstream_compliance_ratio{stream="hall"}' not in series


def test_counters_begin_at_zero(telemetry: PrometheusTelemetry) -> None:
    telemetry.stream_added("hall", {})
    series = scrape(telemetry.registry)
    assert [series[f'maskstream_persons_total{{stream="hall",verdict="{verdict}"}}'] for verdict in VERDICTS] == [0] * 4
    assert series['maskstream_frames_total{outcome="dropped_overflow",stream="hall"}'] == 0
    assert series['maskstream_verdict_flips_total{stream="hall"}'] == 0


def test_compliance_is_that_of_the_window_at_the_time_of_the_scrape(
    telemetry: PrometheusTelemetry, clocks: Clocks
) -> None:
    ratio, persons = 'maskstream_compliance_ratio{stream="hall"}', 'maskstream_compliance_persons{stream="hall"}'
    telemetry.person_closed("hall", "masked")
    telemetry.person_closed("hall", "unknown")
    clocks.monotonic_s += 1800
    telemetry.person_closed("hall", "unmasked")
    both = scrape(telemetry.registry)
    assert (both[ratio], both[persons]) == (0.5, 2)
    clocks.monotonic_s += 1900
    later = scrape(telemetry.registry)
    assert (later[ratio], later[persons]) == (0.0, 1)
    clocks.monotonic_s += 3600
    empty = scrape(telemetry.registry)
    assert (empty.get(ratio), empty[persons]) == (None, 0)


def test_the_newest_frame_is_as_old_as_its_age_says(telemetry: PrometheusTelemetry, clocks: Clocks) -> None:
    telemetry.frame_published("hall", 0.5)
    assert scrape(telemetry.registry)['maskstream_last_frame_timestamp_seconds{stream="hall"}'] == clocks.unix_s - 0.5


def test_every_state_of_a_source_is_one_of_the_metrics(telemetry: PrometheusTelemetry) -> None:
    for state in StreamState:
        telemetry.stream_state("hall", state.value)
    assert {state.value for state in StreamState} == set(STREAM_STATES)


def test_every_bad_news_of_a_source_may_end_a_connection() -> None:
    good = {Reason.STARTED, Reason.RETRY, Reason.PICTURES, Reason.PAUSED}
    assert {reason.value for reason in set(Reason) - good} == set(RECONNECT_REASONS)


def test_a_stream_is_up_while_it_is_live_alone(telemetry: PrometheusTelemetry) -> None:
    up = {}
    for state in STREAM_STATES:
        telemetry.stream_state("hall", state)
        series = scrape(telemetry.registry)
        up[state] = series['maskstream_stream_up{stream="hall"}']
        states = [series[f'maskstream_stream_state{{state="{each}",stream="hall"}}'] for each in STREAM_STATES]
        assert states == [each == state for each in STREAM_STATES]
    assert up == {state: state == "live" for state in STREAM_STATES}


def test_nobody_is_in_view_of_a_stream_that_is_down(telemetry: PrometheusTelemetry) -> None:
    present = 'maskstream_persons_present{stream="hall",verdict="masked"}'
    telemetry.persons_present("hall", {"masked": 3})
    telemetry.stream_state("hall", "backing_off")
    assert scrape(telemetry.registry)[present] == 0
    telemetry.persons_present("hall", {"masked": 3})
    assert scrape(telemetry.registry)[present] == 0, "the last frames come after the news"
    telemetry.stream_state("hall", "live")
    telemetry.persons_present("hall", {"masked": 2})
    assert scrape(telemetry.registry)[present] == 2


def test_new_labels_replace_the_old_ones(telemetry: PrometheusTelemetry) -> None:
    telemetry.stream_added("hall", {"line": "7"})
    telemetry.stream_added("hall", {"depot": 'north "2"'})
    info = [series for series in scrape(telemetry.registry) if "stream_info" in series]
    assert info == ['maskstream_stream_info{depot="north \\"2\\"",stream="hall"}']


@pytest.mark.parametrize("name", ["stream", "instance", "__name__", "line no", "7", ""])
def test_a_label_that_metrics_cannot_have_is_refused(telemetry: PrometheusTelemetry, name: str) -> None:
    with pytest.raises(ValueError, match=f"'{name}' cannot label"):
        telemetry.stream_added("hall", {name: "7"})
    assert series_of(telemetry.registry, "hall") == []


def test_a_state_that_is_none_is_refused(telemetry: PrometheusTelemetry) -> None:
    with pytest.raises(ValueError, match=r"one of connecting, live, .*, got 'asleep'"):
        telemetry.stream_state("hall", "asleep")


def test_queues_of_one_name_are_added_up_while_they_are_watched(telemetry: PrometheusTelemetry) -> None:
    first = telemetry.watch_queue("frames", lambda: 3)
    second = telemetry.watch_queue("frames", lambda: 4)
    depth = 'maskstream_queue_depth{queue="frames"}'
    depths = [scrape(telemetry.registry)[depth]]
    for unwatch in (first, first, second):
        unwatch()
        depths.append(scrape(telemetry.registry)[depth])
    assert depths == [7, 4, 4, 0]


def test_the_process_tells_its_memory_and_files(telemetry: PrometheusTelemetry) -> None:
    series = scrape(telemetry.registry)
    assert series["process_resident_memory_bytes"] > 0
    assert series["process_open_fds"] > 0
