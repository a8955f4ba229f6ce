"""A real Prometheus scrapes a live registry, and every panel of the dashboards shows something."""

import subprocess
import urllib.request
from pathlib import Path

from pipeline.sinks.engine_metrics import CROP_OUTCOMES
from pipeline.sinks.metrics_server import MetricsServer
from tests.grafana import DASHBOARDS, load
from tests.machine import require_system
from tests.prometheus_server import Scrapes, scraping
from tests.promql import RECORDING, reported, rules
from tests.reported_fleet import ReportedFleet

MOST_SCRAPES = 300


def live_for_a_moment(fleet: ReportedFleet) -> None:
    """Report what a camera and the engine do between two scrapes."""
    fleet.report_all("bus-7-front")
    fleet.metrics.stream_state("bus-7-front", "live")
    worker = fleet.workers[0]
    for _ in range(200):
        worker.frame_done("bus-7-front", "processed")
        worker.frame_published("bus-7-front", 0.12)
    for outcome in CROP_OUTCOMES:
        for _ in range(100):
            worker.crop_done(outcome, "new_track")
    for _ in range(10):
        worker.person_closed("bus-7-front", "masked")
        fleet.metrics.person_left("bus-7-front", "masked")
        worker.stage_took("detect", 0.01)
        worker.batch_ran(4, 0.004)


def test_every_panel_and_recording_rule_returns_data(tmp_path: Path) -> None:
    fleet = reported()
    scrapes = Scrapes(fleet.registry, lambda: live_for_a_moment(fleet))
    pending = {title: expr for path in DASHBOARDS for title, expr in load(path).expressions()}
    pending |= {rule["record"]: rule["record"] for rule in rules(RECORDING)}
    with scraping(fleet.registry, tmp_path) as prometheus:
        for _ in range(MOST_SCRAPES):
            scrapes.wait()
            pending = {title: expr for title, expr in pending.items() if not prometheus.query(expr)}
            if not pending:
                break
    assert not pending, "\n".join(f"{title}: {expr}" for title, expr in pending.items())


def test_promtool_finds_nothing_to_complain_of_in_a_real_scrape() -> None:
    with (
        MetricsServer(0, reported().registry) as server,
        urllib.request.urlopen(f"http://127.0.0.1:{server.port}/metrics") as answer,
    ):
        scraped = answer.read()
    check = subprocess.run(
        [require_system("promtool"), "check", "metrics"], input=scraped, capture_output=True, check=False
    )
    assert (check.returncode, check.stdout + check.stderr) == (0, b"")
