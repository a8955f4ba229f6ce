"""The compliance of each stream over a sliding window, computed when someone looks."""

import math
import time
from collections.abc import Callable, Iterator
from threading import Lock

from prometheus_client.metrics_core import GaugeMetricFamily
from prometheus_client.registry import Collector

from pipeline.types import MaskState
from pipeline.vision.compliance_window import ComplianceWindow
from pipeline.vision.tally import Tally


class ComplianceMetric(Collector):
    """`compliance_ratio` of the persons who left within `window_s`, and `compliance_persons`, of how many it is.

    The ratio is absent where nobody was judged. The count is for a guard: a ratio of few persons says little.
    """

    def __init__(self, window_s: float = math.inf, now_s: Callable[[], float] = time.monotonic) -> None:
        self._window_s = window_s
        self._now_s = now_s
        self._windows: dict[str, ComplianceWindow] = {}
        self._lock = Lock()

    def begin(self, stream: str) -> None:
        """Tell of `stream`, of whom nobody has left yet."""
        with self._lock:
            self._windows.setdefault(stream, ComplianceWindow(self._window_s))

    def add(self, stream: str, state: MaskState) -> None:
        """Count a person who left now."""
        with self._lock:
            window = self._windows.setdefault(stream, ComplianceWindow(self._window_s))
            window.add(state, self._now_s())

    def remove(self, stream: str) -> None:
        """Forget `stream`."""
        with self._lock:
            self._windows.pop(stream, None)

    def tally(self, stream: str) -> Tally:
        """Return the persons who left `stream` within the window; nobody where it is not known."""
        with self._lock:
            window = self._windows.get(stream)
            return Tally() if window is None else window.tally(self._now_s())

    def collect(self) -> Iterator[GaugeMetricFamily]:
        ratios = GaugeMetricFamily(
            "maskstream_compliance_ratio",
            "Masked among the judged persons who left within the window, 0 to 1.",
            labels=["stream"],
        )
        persons = GaugeMetricFamily(
            "maskstream_compliance_persons", "Judged persons that the compliance ratio is of.", labels=["stream"]
        )
        with self._lock:
            tallies = {stream: window.tally(self._now_s()) for stream, window in self._windows.items()}
        for stream, tally in tallies.items():
            persons.add_metric([stream], tally.judged)
            if tally.compliance is not None:
                ratios.add_metric([stream], tally.compliance)
        yield from (ratios, persons)
