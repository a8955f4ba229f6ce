"""What every telemetry promises: it takes all that the stages report, from any thread, and never stands in the way."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from pipeline.fleet.fleet_metrics import FleetMetrics
from pipeline.ports import StreamTelemetry, Telemetry
from pipeline.sinks.prometheus import NoTelemetry, PrometheusTelemetry, WorkerTelemetry
from tests.reported import Reported


@pytest.fixture(params=[NoTelemetry, WorkerTelemetry, PrometheusTelemetry, Reported])
def telemetry(request: pytest.FixtureRequest) -> Telemetry:
    created: Telemetry = request.param()
    return created


@pytest.fixture(params=[NoTelemetry, FleetMetrics])
def streams(request: pytest.FixtureRequest) -> StreamTelemetry:
    created: StreamTelemetry = request.param()
    return created


def report_all(telemetry: Telemetry) -> None:
    telemetry.frame_done("hall", "processed")
    telemetry.frame_published("hall", 0.08)
    telemetry.faces_scored("hall", ("masked", "unmasked"))
    telemetry.persons_present("hall", {"masked": 2})
    telemetry.verdicts_flipped("hall", 1)
    telemetry.person_closed("hall", "masked")
    telemetry.camera_fitness("hall", {"too_dark": 0.5})
    telemetry.sink_failed("hall", "recording")
    telemetry.stream_state("hall", "stalled")
    telemetry.remove_stream("hall")
    telemetry.remove_stream("hall")
    telemetry.stage_took("detect", 0.004)
    telemetry.batch_ran(8, 0.01)
    telemetry.crop_done("scored", "new_track")
    unwatch = telemetry.watch_queue("crops", lambda: 3)
    unwatch()
    unwatch()


def come_and_go(streams: StreamTelemetry) -> None:
    streams.stream_added("hall", {"line": "7"})
    streams.stream_state("hall", "live")
    streams.stream_reconnected("hall", "silent")
    streams.person_left("hall", "masked")
    streams.sink_failed("hall", "mqtt")
    streams.remove_stream("hall")
    streams.remove_stream("hall")


def test_it_takes_reports_from_many_threads(telemetry: Telemetry) -> None:
    with ThreadPoolExecutor(4) as pool:
        futures = [pool.submit(report_all, telemetry) for _ in range(50)]
    assert [future.exception() for future in futures] == [None] * 50


def test_streams_come_and_go_in_many_threads(streams: StreamTelemetry) -> None:
    with ThreadPoolExecutor(4) as pool:
        futures = [pool.submit(come_and_go, streams) for _ in range(50)]
    assert [future.exception() for future in futures] == [None] * 50
