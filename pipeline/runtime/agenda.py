"""What waits to be worked on: items in order, which wait for room, and items by urgency, which make room."""

import math
import threading
import time
from bisect import insort
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

from pipeline.runtime.channel import ChannelClosedError

Item = TypeVar("Item")


class Agenda(Generic[Item]):
    """A closable bounded queue of two lines, between many threads that fill it and one that empties both in turn.

    `put` keeps the order, and blocks while its line is full. `offer` never blocks: the most urgent item goes first, and
    where there is no room the least urgent is dropped. `on_drop` is called, outside the lock, with each item that this
    or `abort` discards. Times are those of `now_s`, seconds of a clock that only runs forward.
    """

    def __init__(
        self, capacity: int, on_drop: Callable[[Item], None], now_s: Callable[[], float] = time.monotonic
    ) -> None:
        if capacity < 1:
            raise ValueError(f"a line holds at least one item, got a capacity of {capacity}")
        self._capacity = capacity
        self._on_drop = on_drop
        self._now_s = now_s
        self._ordered: deque[Item] = deque()
        self._offered: list[tuple[float, int, Item]] = []
        self._offers = 0
        self._is_offers_turn = False
        self._closed = False
        self._changed = threading.Condition()

    def __len__(self) -> int:
        return len(self._ordered) + len(self._offered)

    def put(self, item: Item) -> None:
        """Append `item` to the line in order, waiting for room; raise ChannelClosedError once closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or len(self._ordered) < self._capacity)
            self._check_open()
            self._ordered.append(item)
            self._changed.notify_all()

    def offer(self, item: Item, urgency: float, room: int) -> None:
        """Add `item`, and keep the `room` most urgent of all offered; raise ChannelClosedError once closed."""
        room = min(room, self._capacity)
        with self._changed:
            self._check_open()
            self._offers += 1
            insort(self._offered, (-urgency, self._offers, item))
            dropped = self._offered[room:]
            del self._offered[room:]
            self._changed.notify_all()
        for _, _, gone in dropped:
            self._on_drop(gone)

    def get(self, until_s: float = math.inf, offers_from_s: float = -math.inf) -> Item:
        """Return the next item, waiting for one; before `offers_from_s`, unless closed, it is none that was offered.

        Raises TimeoutError at `until_s`, and ChannelClosedError once closed and empty.
        """
        with self._changed:
            while not self._ordered and not self._may_take_offer(offers_from_s):
                if self._closed:
                    raise ChannelClosedError
                self._wait(until_s, offers_from_s)
            item = self._take(offers_from_s)
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
            discarded = [*self._ordered, *(item for _, _, item in self._offered)]
            self._ordered.clear()
            self._offered.clear()
            self._changed.notify_all()
        for item in discarded:
            self._on_drop(item)

    def _check_open(self) -> None:
        if self._closed:
            raise ChannelClosedError

    def _may_take_offer(self, offers_from_s: float) -> bool:
        return bool(self._offered) and (self._closed or self._now_s() >= offers_from_s)

    def _wait(self, until_s: float, offers_from_s: float) -> None:
        now_s = self._now_s()
        if now_s >= until_s:
            raise TimeoutError
        ends_s = min(until_s, offers_from_s) if self._offered else until_s
        self._changed.wait(None if ends_s == math.inf else max(0.0, ends_s - now_s))

    def _take(self, offers_from_s: float) -> Item:
        """Return an item of the line whose turn it is, or of the only one that has any."""
        takes_offer = self._may_take_offer(offers_from_s) and (self._is_offers_turn or not self._ordered)
        self._is_offers_turn = not takes_offer
        return self._offered.pop(0)[2] if takes_offer else self._ordered.popleft()
