"""How often an address may ask: a bucket of turns each, refilled as time goes by."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

MAX_ADDRESSES = 4096
"""The one that asked longest ago is forgotten for one more: a flood of addresses costs no memory."""

MINUTE_S = 60.0


@dataclass(slots=True)
class _Bucket:
    turns: float
    filled_s: float


class Rates:
    """Gives each address `per_minute` turns, which it may take at once or spread. Used in the event loop."""

    def __init__(self, per_minute: int, now: Callable[[], float] = time.monotonic) -> None:
        self._per_minute = per_minute
        self._now = now
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def take(self, address: str) -> float:
        """Take a turn and return 0.0; where none is left return the seconds until there is one."""
        bucket = self._filled(address)
        if bucket.turns < 1:
            return (1 - bucket.turns) * MINUTE_S / self._per_minute
        bucket.turns -= 1
        return 0.0

    def __len__(self) -> int:
        return len(self._buckets)

    def _filled(self, address: str) -> _Bucket:
        now_s = self._now()
        bucket = self._buckets.setdefault(address, _Bucket(self._per_minute, now_s))
        self._buckets.move_to_end(address)
        if len(self._buckets) > MAX_ADDRESSES:
            self._buckets.popitem(last=False)
        bucket.turns += (now_s - bucket.filled_s) * self._per_minute / MINUTE_S
        bucket.turns = min(bucket.turns, self._per_minute)
        bucket.filled_s = now_s
        return bucket
