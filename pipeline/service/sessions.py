"""Who has signed in: in memory alone, so a restart signs everybody out."""

import hashlib
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

MAX_SESSIONS = 256
"""The one that was used longest ago ends for one more."""

MAX_IDLE_S = 24 * 3600.0
MAX_AGE_S = 30 * 24 * 3600.0
"""A wall of live pictures asks for something every day, and somebody looks after it every month."""

KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Session:
    """A sign-in; `csrf` is known to its own pages alone."""

    csrf: str
    began_s: float


class Sessions:
    """Finds sessions by the key that their browser keeps. Used in the event loop."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        # By the hash of the key: how long a search takes tells nothing of a key.
        self._used: OrderedDict[bytes, tuple[Session, float]] = OrderedDict()

    def begin(self) -> tuple[str, Session]:
        """Return a new key and its session."""
        key, session = secrets.token_urlsafe(KEY_BYTES), Session(secrets.token_urlsafe(KEY_BYTES), self._now())
        self._used[_hash(key)] = session, self._now()
        if len(self._used) > MAX_SESSIONS:
            self._used.popitem(last=False)
        return key, session

    def find(self, key: str) -> Session | None:
        """Return the session of `key`, which thereby is used; None where there is none any more."""
        found = self._used.pop(_hash(key), None)
        if found is None:
            return None
        (session, used_s), now_s = found, self._now()
        if now_s - used_s > MAX_IDLE_S or now_s - session.began_s > MAX_AGE_S:
            return None
        self._used[_hash(key)] = session, now_s
        return session

    def end(self, key: str) -> None:
        """Forget a session, where there is one."""
        self._used.pop(_hash(key), None)


def _hash(key: str) -> bytes:
    return hashlib.sha256(key.encode(errors="surrogatepass")).digest()
