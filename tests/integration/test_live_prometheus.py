"""A real Prometheus scrapes a live registry, and every panel of the dashboards shows something."""

import subprocess
import urllib.request
from pathlib import Path

from pipeline.sinks.metrics_server import MetricsServer
from pipeline.sinks.prometheus import PrometheusTelemetry
from tests.grafana import DASHBOARDS, load
from tests.machine import require_system
from tests.prometheus_server import Scrapes, scraping
from tests.promql import RECORDING, rules
from tests.reported import report_all, report_engine

MOST_SCRAPES = 300


def live_for_a_moment(telemetry: PrometheusTelemetry) -> None:
    """Report what a camera and the engine do between two scrapes."""
    report_all(telemetry, "bus-7-front")
    telemetry.stream_state("bus-7-front", "live")
    for _ in range(200):
        telemetry.frame_done("bus-7-front", "processed")
        telemetry.frame_published("bus-7-front", 0.12)
    for _ in range(10):
        telemetry.person_closed("bus-7-front", "masked")
        telemetry.stage_took("detect", 0.01)
        telemetry.batch_ran(4, 0.004)


def test_every_panel_and_recording_rule_returns_data(tmp_path: Path) -> None:
    telemetry = PrometheusTelemetry(compliance_window_s=3600.0)
    report_engine(telemetry)
    scrapes = Scrapes(telemetry.registry, lambda: live_for_a_moment(telemetry))
    pending = {title: expr for path in DASHBOARDS for title, expr in load(path).expressions()}
    pending |= {rule["record"]: rule["record"] for rule in rules(RECORDING)}
    with scraping(telemetry.registry, tmp_path) as prometheus:
        for _ in range(MOST_SCRAPES):
            scrapes.wait()
            pending = {title: expr for title, expr in pending.items() if not prometheus.query(expr)}
            if not pending:
                break
    assert not pending, "\n".join(f"{title}: {expr}" for title, expr in pending.items())


def test_promtool_finds_nothing_to_complain_of_in_a_real_scrape() -> None:
    telemetry = PrometheusTelemetry()
    report_all(telemetry, "bus-7-front")
    report_engine(telemetry)
    with (
        MetricsServer(0, telemetry.registry) as server,
        urllib.request.urlopen(f"http://127.0.0.1:{server.port}/metrics") as answer,
    ):
        scraped = answer.read()
    check = subprocess.run(
        [require_system("promtool"), "check", "metrics"], input=scraped, capture_output=True, check=False
    )
    assert (check.returncode, check.stdout + check.stderr) == (0, b"")
