"""The addresses of a host, asked for with a patience that ends.

The system's resolver can't be interrupted: while its servers are silent a call takes 10 s, and far longer with several
of them and search domains. It is called on threads that nobody waits for; each ends when the resolver gives up.
"""

import errno
import queue
import socket
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias
from urllib.parse import urlsplit

from pipeline.sources.patience import SLICE_S, Patience

SocketAddress: TypeAlias = tuple[socket.AddressFamily, tuple[str | int | bytes, ...]]
"""The family of a socket and what it connects to."""


@dataclass(frozen=True, slots=True)
class _Lookup:
    """A question to the resolver, and its answer once there is one."""

    host: str
    port: int
    answers: "queue.SimpleQueue[Sequence[SocketAddress] | OSError]" = field(default_factory=queue.SimpleQueue)

    def run(self) -> None:
        try:
            found = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
            self.answers.put([(family, address) for family, _, _, _, address in found])
        except (OSError, UnicodeError) as error:  # a name with an empty or overlong part can't be encoded
            self.answers.put(
                error if isinstance(error, OSError) else OSError(errno.EINVAL, "the name of its host is none")
            )
        finally:
            with _lock:
                del _under_way[self.host, self.port]

    def answer(self) -> Sequence[SocketAddress]:
        """Return the answer; raise OSError where it is a refusal, TimeoutError where there is none yet."""
        try:
            answer = self.answers.get(timeout=SLICE_S)
        except queue.Empty:
            raise TimeoutError("the name of the host is not resolved in time") from None
        self.answers.put(answer)  # somebody else may have asked for the same
        if isinstance(answer, OSError):
            raise answer
        return answer


_lock = threading.Lock()
_under_way: dict[tuple[str, int], _Lookup] = {}


def resolve(host: str, port: int, patience: Patience) -> Sequence[SocketAddress]:
    """Return the addresses of `host`, best first; raise OSError where it has none, TimeoutError without an answer.

    Only one question about a name is ever under way, so that asking again leaves no more threads behind.
    """
    with _lock:
        lookup = _under_way.get((host, port))
        if lookup is None:
            lookup = _under_way[host, port] = _Lookup(host, port)
            threading.Thread(target=lookup.run, name="resolve", daemon=True).start()
    return patience.outlast(lookup.answer)


def resolve_in(url: str, patience: Patience) -> None:
    """Wait until the resolver knows the host of `url`, if it has one; raise OSError or TimeoutError.

    So it is busy for but an instant when FFmpeg asks the same, whose question nothing could end.
    """
    host = urlsplit(url).hostname if "://" in url else None
    if host:
        resolve(host, 0, patience)
