"""The operator's own labels of each stream (line, vehicle), in one series to join on."""

import re
from collections.abc import Iterator, Mapping
from threading import Lock

from prometheus_client.metrics_core import InfoMetricFamily
from prometheus_client.registry import Collector

RESERVED = frozenset(("stream", "job", "instance", "le", "quantile"))
"""Labels that mean something else on a metric, or that Prometheus sets itself."""

_NAME = re.compile(r"(?!__)[a-zA-Z_][a-zA-Z0-9_]*")


class StreamInfoMetric(Collector):
    """`maskstream_stream_info{stream, ...}`, always 1.

    Labels on every series would be a new series each time one of them changes; with
    `... * on (stream) group_left (line) maskstream_stream_info` a query takes the ones that it needs.
    """

    def __init__(self) -> None:
        self._labels: dict[str, dict[str, str]] = {}
        self._lock = Lock()

    def set(self, stream: str, labels: Mapping[str, str]) -> None:
        """Tell the labels of `stream` from now on; raise ValueError where one can't be a label of a metric."""
        refused = [name for name in labels if not _NAME.fullmatch(name) or name in RESERVED]
        if refused:
            raise ValueError(
                f"{refused[0]!r} cannot label a stream's metrics: a label is of letters, digits and _, without a digit "
                f"or __ in front, and none of {', '.join(sorted(RESERVED))}"
            )
        with self._lock:
            self._labels[stream] = dict(labels)

    def remove(self, stream: str) -> None:
        """Forget `stream`."""
        with self._lock:
            self._labels.pop(stream, None)

    def collect(self) -> Iterator[InfoMetricFamily]:
        family = InfoMetricFamily("maskstream_stream", "The operator's labels of a stream.", labels=["stream"])
        with self._lock:
            for stream, labels in self._labels.items():
                family.add_metric([stream], labels)
        yield family
