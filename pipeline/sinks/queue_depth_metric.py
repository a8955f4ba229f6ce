"""How much waits in the queues between the threads, asked when someone looks."""

from collections.abc import Callable, Iterator
from threading import Lock

from prometheus_client.metrics_core import GaugeMetricFamily
from prometheus_client.registry import Collector


class QueueDepthMetric(Collector):
    """`maskstream_queue_depth{queue}`, the sum over the queues of a name; a name that was once there stays, at 0."""

    def __init__(self) -> None:
        self._depths: dict[object, tuple[str, Callable[[], int]]] = {}
        self._names: set[str] = set()
        self._lock = Lock()

    def watch(self, queue: str, depth: Callable[[], int]) -> Callable[[], None]:
        """Ask `depth` at each look until the returned function is called; calling it twice is allowed."""
        key = object()
        with self._lock:
            self._names.add(queue)
            self._depths[key] = (queue, depth)

        def forget() -> None:
            with self._lock:
                self._depths.pop(key, None)

        return forget

    def collect(self) -> Iterator[GaugeMetricFamily]:
        family = GaugeMetricFamily(
            "maskstream_queue_depth", "Items that wait in the queues of that name, over all lanes.", labels=["queue"]
        )
        with self._lock:
            sums = dict.fromkeys(sorted(self._names), 0)
            for queue, depth in self._depths.values():
                sums[queue] += depth()
        for queue, waiting in sums.items():
            family.add_metric([queue], waiting)
        yield family
