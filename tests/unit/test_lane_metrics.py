"""The series of each stream that its worker tells: right, and gone when the stream is."""

import pytest

from pipeline.sinks.lane_families import VERDICTS
from pipeline.sinks.prometheus import WorkerTelemetry
from tests.reported import report_lane, scrape, series_of

UNIX_S = 1_772_353_800.0
MASKED_IN_HALL = 'maskstream_persons_present{stream="hall",verdict="masked"}'


@pytest.fixture
def telemetry() -> WorkerTelemetry:
    return WorkerTelemetry(lambda: UNIX_S)


def test_stages_batches_crops_and_queues_know_no_stream(telemetry: WorkerTelemetry) -> None:
    telemetry.stage_took("detect", 0.004)
    telemetry.batch_ran(8, 0.01)
    telemetry.crop_done("skipped", "age")
    telemetry.watch_queue("frames", lambda: 1)
    assert not [series for series in scrape(telemetry.registry) if "stream=" in series]


def test_a_removed_stream_leaves_no_series_and_no_other_is_touched(telemetry: WorkerTelemetry) -> None:
    report_lane(telemetry, "door")
    door = series_of(telemetry.registry, "door")
    report_lane(telemetry, "hall")
    telemetry.remove_stream("hall")
    assert series_of(telemetry.registry, "hall") == []
    assert series_of(telemetry.registry, "door") == door


def test_a_stream_that_comes_back_begins_at_nothing(telemetry: WorkerTelemetry) -> None:
    report_lane(telemetry, "hall")
    telemetry.remove_stream("hall")
    telemetry.frame_done("hall", "processed")
    assert scrape(telemetry.registry)['maskstream_frames_total{outcome="processed",stream="hall"}'] == 1


def test_counters_begin_at_zero_with_the_first_news_of_the_connection(telemetry: WorkerTelemetry) -> None:
    telemetry.stream_state("hall", "connecting")
    series = scrape(telemetry.registry)
    assert [series[f'maskstream_persons_total{{stream="hall",verdict="{verdict}"}}'] for verdict in VERDICTS] == [0] * 4
    assert series['maskstream_frames_total{outcome="dropped_overflow",stream="hall"}'] == 0
    assert series['maskstream_frames_total{outcome="dropped_backlog",stream="hall"}'] == 0
    assert series['maskstream_verdict_flips_total{stream="hall"}'] == 0


def test_the_newest_frame_is_as_old_as_its_age_says(telemetry: WorkerTelemetry) -> None:
    telemetry.frame_published("hall", 0.5)
    assert scrape(telemetry.registry)['maskstream_last_frame_timestamp_seconds{stream="hall"}'] == UNIX_S - 0.5


def test_nobody_is_in_view_of_a_stream_that_is_down(telemetry: WorkerTelemetry) -> None:
    telemetry.persons_present("hall", {"masked": 3})
    telemetry.stream_state("hall", "backing_off")
    assert scrape(telemetry.registry)[MASKED_IN_HALL] == 0
    telemetry.persons_present("hall", {"masked": 3})
    assert scrape(telemetry.registry)[MASKED_IN_HALL] == 0, "the last frames come after the news"
    telemetry.stream_state("hall", "live")
    telemetry.persons_present("hall", {"masked": 2})
    assert scrape(telemetry.registry)[MASKED_IN_HALL] == 2


def test_queues_of_one_name_are_added_up_while_they_are_watched(telemetry: WorkerTelemetry) -> None:
    first = telemetry.watch_queue("frames", lambda: 3)
    second = telemetry.watch_queue("frames", lambda: 4)
    depth = 'maskstream_queue_depth{queue="frames"}'
    depths = [scrape(telemetry.registry)[depth]]
    for unwatch in (first, first, second):
        unwatch()
        depths.append(scrape(telemetry.registry)[depth])
    assert depths == [7, 4, 4, 0]
