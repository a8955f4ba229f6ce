import socket
import threading
import urllib.error
import urllib.request

import pytest

from pipeline.errors import ConfigError
from pipeline.sinks.metrics_server import MetricsServer
from pipeline.sinks.prometheus import PrometheusTelemetry


@pytest.fixture
def telemetry() -> PrometheusTelemetry:
    telemetry = PrometheusTelemetry()
    telemetry.frame_done("hall", "processed")
    return telemetry


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
