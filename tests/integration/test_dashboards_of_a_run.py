"""Every panel, against a real Prometheus that scrapes a real run with persons in view."""

import subprocess
from pathlib import Path

import pytest

from benchmarks.live_scene import PICTURES, passers_by
from benchmarks.rtsp.camera import Camera
from benchmarks.rtsp.clip import ClipFormat
from benchmarks.rtsp.server import RtspServer
from tests.grafana import DASHBOARDS, load
from tests.machine import require_system
from tests.prometheus_server import scraping_of
from tests.promql import RECORDING, rules
from tests.running_service import RunningService

CROWD = ClipFormat(640, 360, frame_count=PICTURES, scene=passers_by, preset="veryfast")
MOST_SECONDS = 300
HANG_UP_EVERY_S = 30
"""Seldom enough for persons to be seen whole, and within the minute that panels look back on."""


@pytest.mark.slow
def test_every_panel_and_recording_rule_returns_data_of_a_real_run(tmp_path: Path) -> None:
    crowd, yard = Camera(CROWD), Camera(ClipFormat())
    pending = {title: expr for path in DASHBOARDS for title, expr in load(path).expressions()}
    pending |= {rule["record"]: rule["record"] for rule in rules(RECORDING)}
    in_the_way = tmp_path / "recordings"
    in_the_way.touch()  # no folder can be made there: an output that fails
    with RtspServer({"crowd": crowd}) as first, RtspServer({"yard": yard}) as second:
        streams = [
            {"id": "crowd", "url": first.url("crowd"), "labels": {"line": "7"}},
            {"id": "yard", "url": second.url("yard"), "recording": {"enabled": True, "folder": str(in_the_way)}},
        ]
        with (
            RunningService(tmp_path, {"streams": streams, "processes": 2}) as service,
            scraping_of(service.url.removeprefix("http://"), tmp_path, interval="1s") as prometheus,
        ):
            service.wait_for_state("crowd", "live")
            for second_of_test in range(1, MOST_SECONDS):
                crowd.wait_until_sent(CROWD.frames_per_s)
                if second_of_test % HANG_UP_EVERY_S == 0:
                    second.hang_up()
                pending = {title: expr for title, expr in pending.items() if not prometheus.query(expr)}
                if not pending:
                    break
            exposition = service.ask("/metrics").body
    check = subprocess.run([require_system("promtool"), "check", "metrics"], input=exposition, capture_output=True)
    assert (check.returncode, check.stdout + check.stderr) == (0, b"")
    assert not pending, "\n".join(f"{title}: {expr}" for title, expr in pending.items())
