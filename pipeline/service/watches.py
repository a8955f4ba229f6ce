"""The pictures of a stream on their way from its threads to the event loop."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from anyio import CancelScope
from anyio.to_thread import run_sync

from pipeline.jpeg import Jpeg
from pipeline.service.control import Control


class Watch:
    """Holds the newest picture until it is taken. Used in the event loop; `show` by any thread."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._changed = asyncio.Event()
        self._newest: Jpeg | None = None
        self._has_ended = False

    def show(self, picture: Jpeg | None) -> None:
        """Take a picture in the place of the one before; None is the end."""
        # A stream's thread may not have heard yet that the service has ended.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._take, picture)

    def end(self) -> None:
        """Have `next` return None from now on."""
        self._has_ended = True
        self._changed.set()

    async def next(self) -> Jpeg | None:
        """Return the newest picture that was not returned yet, waiting for one; None at the end."""
        await self._changed.wait()
        if self._has_ended:
            return None
        self._changed.clear()
        picture, self._newest = self._newest, None
        return picture

    def _take(self, picture: Jpeg | None) -> None:
        if picture is None:
            self.end()
        else:
            self._newest = picture
            self._changed.set()


class Watches:
    """All who watch a stream now. Used in the event loop."""

    def __init__(self, control: Control) -> None:
        self._control = control
        self._all: set[Watch] = set()
        self._has_ended = False

    @asynccontextmanager
    async def of(self, stream: str) -> AsyncIterator[Watch]:
        """Watch `stream` within the context; raise UnknownStreamError or NoPreviewError."""
        watch = Watch()
        leave = await run_sync(self._control.watch, stream, watch.show)
        self._all.add(watch)
        if self._has_ended:
            watch.end()
        try:
            yield watch
        finally:
            self._all.discard(watch)
            with CancelScope(shield=True):
                await run_sync(leave)

    def end(self) -> None:
        """Send everybody away, and all who come later."""
        self._has_ended = True
        for watch in self._all:
            watch.end()
