"""Parent and workers as one exposition: nothing twice, nothing backwards, nothing of what is gone."""

import subprocess
import sys

import pytest
from prometheus_client import generate_latest
from prometheus_client.metrics_core import Metric

from pipeline.fleet.fleet_metrics import FleetMetrics
from pipeline.sinks.prometheus import PrometheusTelemetry
from tests.machine import require_system
from tests.promql import reported
from tests.reported import report_engine, report_lane, scrape, series_of
from tests.reported_fleet import ReportedFleet, report_stream

MOST_SERIES = 60
PROCESSED = 'maskstream_frames_total{outcome="processed",stream="hall"}'
AGES = 'maskstream_frame_age_seconds_bucket{le="0.15",stream="hall"}'
DETECTIONS = 'maskstream_stage_duration_seconds_count{stage="detect"}'
HEAVY = ("av", "cv2", "mediapipe", "onnxruntime")


@pytest.fixture
def fleet() -> ReportedFleet:
    fleet = ReportedFleet()
    fleet.metrics.stream_added("hall", {})
    return fleet


def test_a_stream_that_suffers_everything_has_few_series(fleet: ReportedFleet) -> None:
    fleet.report_all("hall")
    series = series_of(fleet.registry, "hall")
    assert len(series) <= MOST_SERIES, "\n".join(series)


def test_every_series_of_parent_and_worker_is_there_once(fleet: ReportedFleet) -> None:
    fleet.report_all("hall")
    text = generate_latest(fleet.registry).decode().splitlines()
    names = [line.rpartition(" ")[0] for line in text if not line.startswith("#")]
    assert sorted(set(names)) == sorted(names)
    told = {name.partition("{")[0].removeprefix("maskstream_") for name in names}
    assert {"stream_up", "persons_total", "frame_age_seconds_bucket", "compliance_ratio"} <= told


def test_series_of_the_engine_are_added_up_and_those_of_streams_are_not(fleet: ReportedFleet) -> None:
    report_stream(fleet.metrics, "door")
    for worker, stream in zip(fleet.workers.values(), ("hall", "door"), strict=True):
        report_engine(worker)
        report_lane(worker, stream)
    merged = scrape(fleet.registry)
    assert merged[DETECTIONS] == 2
    assert merged['maskstream_queue_depth{queue="crops"}'] == 6
    assert merged['maskstream_crops_total{outcome="skipped",reason="doubt"}'] == 2
    assert merged['maskstream_persons_present{stream="door",verdict="masked"}'] == 1
    assert merged[PROCESSED] == 1


def test_an_output_that_fails_in_parent_and_worker_is_one_family(fleet: ReportedFleet) -> None:
    fleet.metrics.sink_failed("hall", "mqtt")
    fleet.workers[0].sink_failed("hall", "recording")
    assert {series for series in scrape(fleet.registry) if "sink_errors" in series} == {
        'maskstream_sink_errors_total{sink="mqtt",stream="hall"}',
        'maskstream_sink_errors_total{sink="recording",stream="hall"}',
    }


def test_what_a_worker_counted_outlives_it_and_its_gauges_do_not(fleet: ReportedFleet) -> None:
    report_lane(fleet.workers[0], "hall")
    report_engine(fleet.workers[0])
    before = scrape(fleet.registry)
    fleet.crash(0)
    after = scrape(fleet.registry)
    counted = {name for name in before if name.endswith(("_total", "_bucket", "_count", "_sum"))}
    counted -= {"process_cpu_seconds_total", 'maskstream_worker_restarts_total{reason="signal"}'}
    assert {name: after[name] for name in counted} == {name: before[name] for name in counted}
    gauges = ("persons_present", "last_frame_timestamp", "camera_fitness", "queue_depth")
    assert not [name for name in after if name.startswith(tuple(f"maskstream_{each}" for each in gauges))]


def test_the_next_worker_goes_on_from_there(fleet: ReportedFleet) -> None:
    for _ in range(3):
        fleet.workers[0].frame_done("hall", "processed")
        fleet.workers[0].frame_published("hall", 0.12)
        fleet.workers[0].stage_took("detect", 0.01)
        scrape(fleet.registry)
        fleet.crash(0)
    fleet.workers[1].frame_done("hall", "processed")
    merged = scrape(fleet.registry)
    assert (merged[PROCESSED], merged[AGES], merged[DETECTIONS]) == (4, 3, 3)


def test_a_lane_that_begins_anew_at_its_worker_goes_on_from_there(fleet: ReportedFleet) -> None:
    worker, processed = fleet.workers[0], []
    for frames, is_seen in ((5, True), (2, True), (7, False), (4, True)):
        for _ in range(frames):
            worker.frame_done("hall", "processed")
        processed.append(scrape(fleet.registry)[PROCESSED])
        worker.remove_stream("hall")
        if is_seen:
            processed.append(scrape(fleet.registry)[PROCESSED])
    assert processed == [5, 5, 7, 7, 14, 18, 18]


def test_a_worker_that_answers_late_loses_no_count(fleet: ReportedFleet) -> None:
    report_lane(fleet.workers[0], "hall")
    before = scrape(fleet.registry)
    fleet.late.add(0)
    fleet.workers[0].frame_done("hall", "processed")
    during = scrape(fleet.registry)
    fleet.late.clear()
    assert (before[PROCESSED], during[PROCESSED], scrape(fleet.registry)[PROCESSED]) == (1, 1, 2)


def test_a_removed_stream_is_gone_at_once_and_stays_away(fleet: ReportedFleet) -> None:
    fleet.report_all("hall")
    scrape(fleet.registry)
    fleet.crash(0)
    report_lane(fleet.workers[0], "hall")
    scrape(fleet.registry)
    fleet.metrics.remove_stream("hall")
    assert series_of(fleet.registry, "hall") == [], "its worker still tells of it"
    fleet.workers[0].remove_stream("hall")
    fleet.metrics.stream_added("hall", {})
    fleet.workers[0].frame_done("hall", "processed")
    assert scrape(fleet.registry)[PROCESSED] == 1


def test_a_thousand_streams_that_come_and_go_leave_nothing(fleet: ReportedFleet) -> None:
    def names() -> list[str]:
        return sorted(series for series in scrape(fleet.registry) if not series.startswith("process_"))

    before = names()
    for number in range(1000):
        fleet.report_all(f"bus-{number}")
        if number % 100 == 0:
            scrape(fleet.registry)
        fleet.workers[0].remove_stream(f"bus-{number}")
        fleet.metrics.remove_stream(f"bus-{number}")
    assert names() == before


def test_what_processes_use_is_added_up(fleet: ReportedFleet) -> None:
    alone = scrape(ReportedFleet(workers=0).registry)
    together = scrape(fleet.registry)
    for name in ("process_resident_memory_bytes", "process_open_fds", "process_cpu_seconds_total"):
        assert together[name] > 2 * alone[name], name
    for name in ("process_start_time_seconds", "process_max_fds"):
        assert together[name] == alone[name], name


def test_the_oldest_process_and_the_fewest_descriptors_tell() -> None:
    def family(name: str, value: float) -> Metric:
        metric = Metric(name, "as the client library tells it", "gauge")
        metric.add_sample(name, {}, value)
        return metric

    workers = {0: [family("process_start_time_seconds", 7.0), family("process_max_fds", 9.0)]}
    merged = scrape(FleetMetrics(lambda: workers).registry)
    assert (merged["process_start_time_seconds"], merged["process_max_fds"]) == (7.0, 9.0)


def test_no_created_series_and_promtool_is_content() -> None:
    text = generate_latest(reported().registry)
    assert b"_created" not in text
    check = subprocess.run(
        [require_system("promtool"), "check", "metrics"], input=text, capture_output=True, check=False
    )
    assert (check.returncode, check.stdout + check.stderr) == (0, b"")


def test_a_process_that_is_alone_tells_nothing_that_a_fleet_does_not() -> None:
    def described(text: bytes) -> set[bytes]:
        return {line for line in text.splitlines() if line.startswith(b"#")}

    alone = described(generate_latest(PrometheusTelemetry().registry))
    assert alone <= described(generate_latest(reported().registry))


@pytest.mark.parametrize("module", ["pipeline.fleet.fleet_metrics", "pipeline.run_command", "pipeline.serve_command"])
def test_the_parent_loads_nothing_that_decodes(module: str) -> None:
    loaded = f"import sys, {module}; print(*(set({HEAVY}) & set(sys.modules)))"
    ended = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)
    assert ended.stdout.split() == []
