"""What the parent knows by itself: workers, configuration, model; and that no URL is among it."""

import socket

import pytest
from prometheus_client import generate_latest

from pipeline.fleet.fleet_metrics import FleetMetrics
from pipeline.sources.reconnecting import Reconnecting
from pipeline.sources.stream_state import StateChange, StreamState
from tests.reported import scrape
from tests.reported_fleet import ReportedFleet

LOADED, LOADED_AT = (
    "maskstream_config_last_reload_successful",
    "maskstream_config_last_reload_success_timestamp_seconds",
)


def test_a_configuration_that_is_refused_shows_until_it_is_mended() -> None:
    now_s = 1000.0
    metrics = FleetMetrics(unix_s=lambda: now_s)
    told = []
    for successful in (True, False, True):
        now_s += 60.0
        metrics.config_loaded(successful=successful)
        series = scrape(metrics.registry)
        told.append((series[LOADED], series[LOADED_AT]))
    assert told == [(1, 1060.0), (0, 1060.0), (1, 1180.0)]


def test_a_service_that_has_begun_has_a_configuration() -> None:
    series = scrape(FleetMetrics(unix_s=lambda: 1000.0).registry)
    assert (series[LOADED], series[LOADED_AT]) == (1, 1000.0)


def test_workers_are_up_from_their_start_to_their_death() -> None:
    fleet = ReportedFleet(workers=1)
    series = []
    for deed in (fleet.metrics.worker_wanted, fleet.metrics.worker_started, fleet.crash):
        deed(0)
        series.append(scrape(fleet.registry))
    assert [each['maskstream_worker_up{worker="1"}'] for each in series] == [0, 1, 0]
    assert [each['maskstream_worker_restarts_total{reason="signal"}'] for each in series] == [0, 0, 1]
    assert series[-1]['maskstream_worker_restarts_total{reason="exit"}'] == 0


def test_a_death_of_another_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="a worker ends by signal or exit, got 'boredom'"):
        FleetMetrics().worker_died(0, "boredom")


def test_the_model_is_told_once_it_is_known() -> None:
    metrics = FleetMetrics()
    assert not [series for series in scrape(metrics.registry) if "model_info" in series]
    metrics.model_loaded("densenet201", "ab", "int8", "CPUExecutionProvider")
    assert [series for series in scrape(metrics.registry) if "model_info" in series] == [
        'maskstream_model_info{name="densenet201",precision="int8",provider="CPUExecutionProvider",sha256="ab"}'
    ]


def test_no_url_reaches_a_label() -> None:
    """A camera that refuses the connection, and what is told and counted of it."""
    fleet = ReportedFleet(workers=1)
    fleet.report_all("cam-1")
    changes: list[StateChange] = []

    def take(change: StateChange) -> None:
        changes.append(change)
        fleet.workers[0].stream_state("cam-1", change.state.value)
        fleet.metrics.stream_state("cam-1", change.state.value)
        if change.state is StreamState.BACKING_OFF:
            fleet.metrics.stream_reconnected("cam-1", change.reason.value)
            source.close()

    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
    source = Reconnecting(f"rtsp://admin:hunter22@{address}/live", "cam-1", take)
    assert list(source.frames()) == []
    assert [change.detail for change in changes] == [
        "calling the camera",
        "the camera can't be opened: connection refused",
    ]
    text = generate_latest(fleet.registry).decode()
    assert 'state="backing_off",stream="cam-1"} 1.0' in text
    assert not [word for word in (address, "hunter22", "admin", "://") if word in text]
