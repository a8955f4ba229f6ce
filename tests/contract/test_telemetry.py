"""What every telemetry promises: it takes all that the stages report, from any thread, and never stands in the way."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from pipeline.ports import Telemetry
from pipeline.sinks.prometheus import NoTelemetry, PrometheusTelemetry


@pytest.fixture(params=[NoTelemetry, PrometheusTelemetry])
def telemetry(request: pytest.FixtureRequest) -> Telemetry:
    created: Telemetry = request.param()
    return created


def report_all(telemetry: Telemetry) -> None:
    telemetry.frame_done("hall", "processed")
    telemetry.faces_scored("hall", ("masked", "unmasked"))
    telemetry.person_closed("hall", "masked")
    telemetry.stage_took("detect", 0.004)
    telemetry.batch_ran(8, 0.01)


def test_it_takes_reports_from_many_threads(telemetry: Telemetry) -> None:
    with ThreadPoolExecutor(4) as pool:
        futures = [pool.submit(report_all, telemetry) for _ in range(50)]
    assert [future.exception() for future in futures] == [None] * 50
