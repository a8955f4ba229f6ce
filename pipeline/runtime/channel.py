"""A closable bounded queue between two threads, with a named overflow rule."""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from enum import Enum
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Overflow(Enum):
    """What `put` does on a full channel."""

    BLOCK = "block"
    """Wait for room: recorded input, where every frame counts."""
    DROP_OLDEST = "drop_oldest"
    """Discard the item that has waited longest: live input, where the newest counts."""


class ChannelClosedError(Exception):
    """The channel takes nothing more, or has nothing left to give."""


class Channel(Generic[Item]):
    """A bounded first-in first-out queue that can be drained (`close`) or discarded (`abort`).

    `on_drop` is called, outside the lock, with each item that overflow or `abort` discards.
    """

    def __init__(
        self, capacity: int, overflow: Overflow = Overflow.BLOCK, on_drop: Callable[[Item], None] | None = None
    ) -> None:
        if capacity < 1:
            raise ValueError(f"a channel holds at least one item, got a capacity of {capacity}")
        self._capacity = capacity
        self._overflow = overflow
        self._on_drop = on_drop
        self._items: deque[Item] = deque()
        self._closed = False
        self._changed = threading.Condition()

    def __len__(self) -> int:
        return len(self._items)

    def put(self, item: Item) -> None:
        """Append `item` under the overflow rule; raise ChannelClosedError once closed."""
        dropped: Item | None = None
        with self._changed:
            if self._overflow is Overflow.BLOCK:
                self._changed.wait_for(lambda: self._closed or len(self._items) < self._capacity)
            if self._closed:
                raise ChannelClosedError
            if len(self._items) >= self._capacity:
                dropped = self._items.popleft()
            self._items.append(item)
            self._changed.notify_all()
        if dropped is not None and self._on_drop:
            self._on_drop(dropped)

    def get(self, timeout_s: float | None = None) -> Item:
        """Return the oldest item, waiting for one.

        Raises ChannelClosedError once closed and empty, TimeoutError after `timeout_s`.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: self._closed or self._items, timeout_s):
                raise TimeoutError
            if not self._items:
                raise ChannelClosedError
            item = self._items.popleft()
            self._changed.notify_all()
            return item

    def close(self) -> None:
        """Take nothing more; what is inside can still be got."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def abort(self) -> None:
        """Take nothing more and discard what is inside."""
        with self._changed:
            self._closed = True
            discarded = list(self._items)
            self._items.clear()
            self._changed.notify_all()
        if self._on_drop:
            for item in discarded:
                self._on_drop(item)

    def __iter__(self) -> Iterator[Item]:
        """Yield items until the channel is closed and empty."""
        while True:
            try:
                yield self.get()
            except ChannelClosedError:
                return
