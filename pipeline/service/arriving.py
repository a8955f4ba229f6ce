"""The body of an upload on its way in: as it comes, and no slower than a slow line."""

import asyncio
import time
from concurrent.futures import Future
from http import HTTPStatus
from typing import Any, TypeVar

from starlette.types import Receive

from pipeline.service.problem import ProblemError

GRACE_S = 15.0
MIN_BYTES_PER_S = 32 * 1024
"""A body may take `GRACE_S`, and as long as this rate asks for: who drips bytes holds no place for long."""

CLOSE = {"Connection": "close"}

T = TypeVar("T")


class ArrivingBody:
    """The bytes of a request's body. Used by one task of the event loop."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._ahead = b""
        self._has_ended = False
        self._waited_s = 0.0
        self.received_bytes = 0

    async def next(self) -> bytes:
        """Return what came, b"" at the end; raise ProblemError where it breaks off or comes too slowly."""
        while not (self._ahead or self._has_ended):
            allowed_s = GRACE_S + self.received_bytes / MIN_BYTES_PER_S - self._waited_s
            began_s = time.monotonic()
            try:
                async with asyncio.timeout(allowed_s):
                    is_there = await self._read()
            except TimeoutError:
                detail = f"the body came slower than {MIN_BYTES_PER_S // 1024} KiB a second"
                raise ProblemError(HTTPStatus.REQUEST_TIMEOUT, detail, CLOSE) from None
            if not is_there:
                raise _gone()
            self._waited_s += time.monotonic() - began_s
        chunk, self._ahead = self._ahead, b""
        return chunk

    async def meanwhile(self, answer: "Future[T]") -> T:
        """Return the result of `answer`, which is cancelled where the sender goes away before it is there."""
        asked = asyncio.wrap_future(answer)
        leaving = asyncio.ensure_future(self._left())
        try:
            either: set[asyncio.Future[Any]] = {asked, leaving}
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if not asked.done():
                raise _gone()
            return asked.result()
        finally:
            asked.cancel()
            leaving.cancel()

    async def _left(self) -> None:
        """Return once the sender has gone; who goes on sending is there."""
        while not self._ahead:
            if not await self._read():
                return
        await asyncio.Event().wait()

    async def _read(self) -> bool:
        """Take the next message, and tell whether the sender is still there."""
        message = await self._receive()
        if message["type"] == "http.disconnect":
            return False
        self._ahead = message.get("body", b"")
        self.received_bytes += len(self._ahead)
        self._has_ended = not message.get("more_body", False)
        return True


def _gone() -> ProblemError:
    return ProblemError(HTTPStatus.BAD_REQUEST, "the body broke off")
