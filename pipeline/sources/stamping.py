"""Timestamps for the pictures that FFmpeg's RTSP gives none: the first, and the first after each wait in vain."""

from collections.abc import Iterator
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Stamper(Generic[Item]):
    """Keeps an item without a stamp until the next one tells what it must have been: a step earlier.

    The items of a stream that has no stamps at all are kept but once.
    """

    def __init__(self, step_s: float) -> None:
        self._step_s = step_s
        self._kept: Item | None = None
        self._keeps = True

    def place(self, item: Item, stamp_s: float | None) -> Iterator[tuple[Item, float | None]]:
        """Yield the items that are ready, in order, with their stamps in seconds."""
        kept, self._kept = self._kept, None
        if kept is not None:
            self._keeps = stamp_s is not None
            yield kept, None if stamp_s is None else stamp_s - self._step_s
        if stamp_s is None and self._keeps:
            self._kept = item
        else:
            yield item, stamp_s
