"""Everybody who asked to hear of the streams."""

import threading
from collections.abc import Callable, Iterable

from pipeline.stream_events import StreamEvent


class EventBus:
    """Hands each event to every subscriber, one after the other. Any thread may publish, subscribe, or end that."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._subscribers: dict[object, Callable[[StreamEvent], None]] = {}

    @property
    def has_subscribers(self) -> bool:
        return bool(self._subscribers)

    def subscribe(self, on_event: Callable[[StreamEvent], None]) -> Callable[[], None]:
        """Hand events to `on_event`, which returns at once, until the returned function is called; nothing after it."""
        key = object()
        with self._lock:
            self._subscribers[key] = on_event

        def end() -> None:
            with self._lock:
                self._subscribers.pop(key, None)

        return end

    def publish(self, events: Iterable[StreamEvent]) -> None:
        with self._lock:
            for event in events:
                for on_event in self._subscribers.values():
                    on_event(event)
