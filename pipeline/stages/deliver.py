"""The thread that hands alerts to one receiver, and keeps at it."""

import logging
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from pipeline.alerts.alert import Alert
from pipeline.alerts.receiver import Receiver, ReceiverError
from pipeline.retry_waits import RetryWaits
from pipeline.runtime.channel import Channel, ChannelClosedError, Overflow

logger = logging.getLogger(__name__)


class Outcome(Enum):
    """What became of a notice."""

    DELIVERED = "delivered"
    REFUSED = "refused"
    """The receiver will never take it."""
    GIVEN_UP = "given_up"
    """No attempt of many succeeded."""
    FAILED = "failed"
    """A fault of our own."""
    DROPPED = "dropped"
    """Newer ones took its place in the queue."""
    LOST = "lost"
    """The delivery was closed before it succeeded."""


@dataclass(frozen=True, slots=True)
class DeliverySettings:
    """How hard a notice is tried.

    With the default waits 70 attempts last about 50 minutes. `capacity` notices wait besides the one being tried.
    """

    capacity: int = 100
    attempts: int = 70
    timeout_s: float = 5.0
    waits: RetryWaits = field(default_factory=RetryWaits)


class Delivery:
    """Delivers notices in order, each at least once: a receiver tells repetitions by their key.

    Any thread may submit, which never blocks. `on_outcome` hears, in any thread, what became of each notice. `pause`
    waits for so many seconds or until the delivery is closed; tests give one of their own.
    """

    def __init__(
        self,
        receiver: Receiver,
        settings: DeliverySettings | None = None,
        on_outcome: Callable[[Alert, Outcome], None] | None = None,
        pause: Callable[[float], object] | None = None,
    ) -> None:
        self._receiver = receiver
        self._settings = settings or DeliverySettings()
        self._on_outcome = on_outcome
        self._closing = threading.Event()
        self._pause = pause or self._closing.wait
        self._deadline_s = float("inf")
        self._queue: Channel[Alert] = Channel(self._settings.capacity, Overflow.DROP_OLDEST, self._discard)
        self._outcomes: Counter[Outcome] = Counter()
        self._lock = threading.Lock()
        self._is_held_up = False
        # A look-up of a name can't be interrupted: the thread must not hold up the end of the process for it.
        self._thread = threading.Thread(target=self._run, name=f"alerts:{receiver.name}", daemon=True)

    def __len__(self) -> int:
        """How many notices wait."""
        return len(self._queue)

    @property
    def outcomes(self) -> dict[Outcome, int]:
        """How many notices came to which end so far."""
        with self._lock:
            return dict(self._outcomes)

    def start(self) -> None:
        self._thread.start()

    def submit(self, alert: Alert) -> None:
        """Queue a notice; the oldest one makes room where the queue is full, and a closed delivery loses it."""
        try:
            self._queue.put(alert)
        except ChannelClosedError:
            self._count(alert, Outcome.LOST)

    def wind_up(self, grace_s: float) -> None:
        """Take nothing more and try what waits once more, until `grace_s` from now; `close` is still due."""
        self._deadline_s = min(self._deadline_s, time.monotonic() + grace_s)
        self._queue.close()
        self._closing.set()

    def close(self, grace_s: float = 2.0) -> bool:
        """Try what waits once more, for `grace_s` in all, and lose the rest; closing twice is allowed.

        Returns whether the thread is over. One that waits for the network still is, but no longer than the timeout of
        one attempt and the system's look-up of a name.
        """
        self.wind_up(grace_s)
        if self._thread.ident is not None:
            self._thread.join(max(0.0, self._deadline_s - time.monotonic()))
        self._queue.abort()
        return not self._thread.is_alive()

    def _run(self) -> None:
        for alert in self._queue:
            self._count(alert, self._deliver(alert))

    def _deliver(self, alert: Alert) -> Outcome:
        for failures in range(1, self._settings.attempts + 1):
            is_last = self._closing.is_set()
            outcome = self._attempt(alert)
            if outcome is not None:
                return outcome
            if is_last:
                return Outcome.LOST
            if failures < self._settings.attempts:
                self._pause(self._settings.waits.wait_s(failures))
        return Outcome.GIVEN_UP

    def _attempt(self, alert: Alert) -> Outcome | None:
        """Try once; None means that another attempt may succeed."""
        left_s = self._deadline_s - time.monotonic()
        if left_s <= 0:
            return Outcome.LOST
        try:
            self._receiver.deliver(alert, min(self._settings.timeout_s, left_s))
        except ReceiverError as error:
            if error.is_final:
                logger.warning("%s refused the alert %s: %s", self._receiver.name, alert.idempotency_key, error)
                return Outcome.REFUSED
            self._tell_trouble(error)
            return None
        except Exception as error:  # the next notice must have its chance
            self._tell_fault(error)
            return Outcome.FAILED
        self._tell_recovery()
        return Outcome.DELIVERED

    def _tell_trouble(self, error: ReceiverError) -> None:
        """Log the first failure of an outage, not each attempt."""
        if not self._is_held_up:
            logger.warning("alerts to %s are held up: %s", self._receiver.name, error)
        self._is_held_up = True

    def _tell_recovery(self) -> None:
        if self._is_held_up:
            logger.info("alerts to %s go out again", self._receiver.name)
        self._is_held_up = False

    def _tell_fault(self, error: Exception) -> None:
        """Log a fault of our own by its kind and place: what it says may hold a secret."""
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(place.filename).name}:{place.lineno}"
        logger.error("the delivery of alerts to %s failed: %s at %s", self._receiver.name, type(error).__name__, where)

    def _discard(self, alert: Alert) -> None:
        self._count(alert, Outcome.LOST if self._closing.is_set() else Outcome.DROPPED)

    def _count(self, alert: Alert, outcome: Outcome) -> None:
        with self._lock:
            self._outcomes[outcome] += 1
        if outcome in (Outcome.LOST, Outcome.GIVEN_UP):
            logger.warning("the alert %s did not reach %s: %s", alert.message, self._receiver.name, outcome.value)
        if self._on_outcome:
            self._on_outcome(alert, outcome)
