"""A clock that waits move, for what goes by the clock."""

from pipeline.sources.interrupt import Interrupt


class SteppedClock(Interrupt):
    """An interrupt whose waits take no time: they move `now_s`."""

    def __init__(self, now_s: float = 1000.0) -> None:
        super().__init__()
        self.now_s = now_s

    def wait(self, duration_s: float) -> bool:
        self.now_s += duration_s
        return self.is_set()

    def read(self) -> float:
        """Return the time."""
        return self.now_s
