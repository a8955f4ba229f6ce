"""The time that a stage's work took, for the metrics."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from pipeline.ports import Telemetry


@contextmanager
def timed(telemetry: Telemetry, stage: str) -> Iterator[None]:
    """Report how long the block took as one observation of `stage`."""
    started_s = time.perf_counter()
    try:
        yield
    finally:
        telemetry.stage_took(stage, time.perf_counter() - started_s)
