import socket
import subprocess
import threading
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest
from prometheus_client import generate_latest

from pipeline.errors import ConfigError
from pipeline.sinks.metrics_server import MetricsServer
from pipeline.sinks.prometheus import PrometheusTelemetry
from tests.machine import require_system


@pytest.fixture
def telemetry() -> PrometheusTelemetry:
    telemetry = PrometheusTelemetry()
    telemetry.frame_done("hall", "processed")
    telemetry.frame_done("hall", "overflow")
    telemetry.faces_scored("hall", ("masked", "masked", "incorrect"))
    telemetry.stage_took("detect", 0.004)
    telemetry.batch_ran(8, 0.01)
    telemetry.model_loaded("densenet201", "ab", "int8", "CPUExecutionProvider")
    return telemetry


def lines(telemetry: PrometheusTelemetry) -> list[str]:
    return generate_latest(telemetry.registry).decode().splitlines()


def test_every_metric_has_its_labels(telemetry: PrometheusTelemetry) -> None:
    telemetry.person_closed("hall", "masked")
    assert {
        'maskstream_frames_total{outcome="processed",stream="hall"} 1.0',
        'maskstream_frames_total{outcome="overflow",stream="hall"} 1.0',
        'maskstream_faces_total{stream="hall",verdict="masked"} 2.0',
        'maskstream_faces_total{stream="hall",verdict="incorrect"} 1.0',
        'maskstream_persons_total{stream="hall",verdict="masked"} 1.0',
        'maskstream_compliance_ratio{stream="hall"} 1.0',
        'maskstream_stage_duration_seconds_bucket{le="0.005",stage="detect"} 1.0',
        'maskstream_stage_duration_seconds_bucket{le="0.0025",stage="detect"} 0.0',
        'maskstream_batch_size_bucket{le="8.0"} 1.0',
        "maskstream_batch_wait_seconds_sum 0.01",
        'maskstream_model_info{name="densenet201",precision="int8",provider="CPUExecutionProvider",sha256="ab"} 1.0',
    } <= set(lines(telemetry))


def test_no_created_series(telemetry: PrometheusTelemetry) -> None:
    assert [line for line in lines(telemetry) if "_created" in line] == []


def test_the_ratio_is_absent_until_someone_was_judged(telemetry: PrometheusTelemetry) -> None:
    telemetry.person_closed("hall", "unknown")
    assert telemetry.registry.get_sample_value("maskstream_compliance_ratio", {"stream": "hall"}) is None
    for state in ("masked", "unmasked", "incorrect", "masked"):
        telemetry.person_closed("hall", state)
    telemetry.person_closed("door", "unmasked")
    ratios = [
        telemetry.registry.get_sample_value("maskstream_compliance_ratio", {"stream": s}) for s in ("hall", "door")
    ]
    assert ratios == [0.5, 0.0]


def test_a_state_that_is_none_is_refused(telemetry: PrometheusTelemetry) -> None:
    with pytest.raises(ValueError, match="veiled"):
        telemetry.person_closed("hall", "veiled")


def test_counts_from_many_threads_add_up(telemetry: PrometheusTelemetry) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda index: telemetry.person_closed("hall", ("masked", "unmasked")[index % 2]), range(400)))
    assert telemetry.registry.get_sample_value("maskstream_compliance_ratio", {"stream": "hall"}) == 0.5


def test_two_telemetries_do_not_meet(telemetry: PrometheusTelemetry) -> None:
    other = PrometheusTelemetry()
    other.frame_done("door", "processed")
    assert 'stream="door"' not in "".join(lines(telemetry))
    assert 'stream="hall"' not in "".join(lines(other))


def test_prometheus_itself_finds_nothing_to_complain_of(telemetry: PrometheusTelemetry) -> None:
    promtool = require_system("promtool")
    telemetry.person_closed("hall", "masked")
    check = subprocess.run(
        [promtool, "check", "metrics"], input=generate_latest(telemetry.registry), capture_output=True, check=False
    )
    assert (check.returncode, check.stdout + check.stderr) == (0, b"")


def test_the_server_answers_on_loopback_until_it_is_stopped(telemetry: PrometheusTelemetry) -> None:
    with MetricsServer(0, telemetry.registry) as server:
        url = f"http://127.0.0.1:{server.port}/metrics"
        with urllib.request.urlopen(url) as answer:
            assert b"maskstream_frames_total" in answer.read()
        assert "metrics" in [thread.name for thread in threading.enumerate()]
    server.stop()
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(url)


def test_a_port_in_use_is_named(telemetry: PrometheusTelemetry) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=rf"port {port}: Address already in use; choose another --metrics-port"):
            MetricsServer(port, telemetry.registry)


@pytest.mark.parametrize("port", [-1, 65_536])
def test_a_port_that_is_none_is_refused(telemetry: PrometheusTelemetry, port: int) -> None:
    with pytest.raises(ConfigError, match=f"between 0 and 65535, got {port}"):
        MetricsServer(port, telemetry.registry)


def test_a_server_that_never_started_stops(telemetry: PrometheusTelemetry) -> None:
    server = MetricsServer(0, telemetry.registry)
    port = server.port
    server.stop()
    with socket.create_server(("127.0.0.1", port)) as free:
        assert free.getsockname()[1] == port
