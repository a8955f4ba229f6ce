"""Everybody who asked to hear of the streams."""

import threading
from collections.abc import Callable, Iterable

from pipeline.stream_events import StreamChanged, StreamEvent, StreamRemoved
from pipeline.stream_status import StreamStatus


class EventBus:
    """Hands each event to every subscriber, one after the other. Any thread may publish, subscribe, or end that."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._subscribers: dict[object, Callable[[StreamEvent], None]] = {}
        self._told: dict[str, StreamStatus] = {}

    @property
    def has_subscribers(self) -> bool:
        return bool(self._subscribers)

    def subscribe(self, on_event: Callable[[StreamEvent], None]) -> Callable[[], None]:
        """Hand events to `on_event`, which returns at once, until the returned function is called; none comes after.

        Streams that do not change are not told of: who wants them asks once this has returned.
        """
        key = object()
        with self._lock:
            self._subscribers[key] = on_event

        def end() -> None:
            with self._lock:
                self._subscribers.pop(key, None)

        return end

    def publish(self, event: StreamEvent) -> None:
        with self._lock:
            if isinstance(event, StreamRemoved):
                self._told.pop(event.stream, None)
            self._tell(event)

    def publish_changes(self, statuses: Iterable[StreamStatus]) -> None:
        """Tell of each stream whose status is another than the one that was told last.

        No status comes back after another: the age of the picture differs, or the time of the state.
        """
        with self._lock:
            for status in statuses:
                if self._told.get(status.id) != status:
                    self._told[status.id] = status
                    self._tell(StreamChanged(status))

    def _tell(self, event: StreamEvent) -> None:
        for on_event in self._subscribers.values():
            on_event(event)
