"""What happens to streams, on its way from their threads to those who read it."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from itertools import count

from anyio import CancelScope
from anyio.to_thread import run_sync

from pipeline.service.control import Control
from pipeline.stream_events import PersonGone, StreamChanged, StreamEvent, StreamRemoved

MAX_WAITING = 512
"""So many events wait for a reader who takes none; the oldest give way."""


def stream_of(event: StreamEvent) -> str:
    """Return the id of the stream to which `event` happened."""
    if isinstance(event, StreamChanged):
        return event.status.id
    return event.person.stream if isinstance(event, PersonGone) else event.stream


class EventReader:
    """Holds events until they are taken; of a stream's changes the newest alone. Used in the event loop."""

    def __init__(self, stream: str | None) -> None:
        """`stream` is the id of the only one to hear of; None: all."""
        self._stream = stream
        self._loop = asyncio.get_running_loop()
        self._changed = asyncio.Event()
        self._waiting: OrderedDict[object, StreamEvent] = OrderedDict()
        self._numbers = count()
        self._has_ended = False

    def tell(self, event: StreamEvent) -> None:
        """Take an event, from any thread."""
        # A stream's thread may not have heard yet that the service has ended.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self.take, event)

    def take(self, event: StreamEvent) -> None:
        """Take an event in the event loop."""
        stream = stream_of(event)
        if self._stream not in (None, stream):
            return
        if isinstance(event, StreamRemoved):
            self._waiting.pop(stream, None)
        self._waiting[stream if isinstance(event, StreamChanged) else next(self._numbers)] = event
        if len(self._waiting) > MAX_WAITING:
            self._waiting.popitem(last=False)
        self._changed.set()

    def end(self) -> None:
        """Have `next` return nothing from now on."""
        self._has_ended = True
        self._changed.set()

    async def next(self) -> Sequence[StreamEvent]:
        """Return what waits, at least one event, in the order in which it came; nothing at the end."""
        await self._changed.wait()
        if self._has_ended:
            return ()
        self._changed.clear()
        events = tuple(self._waiting.values())
        self._waiting.clear()
        return events


class EventReaders:
    """All who read now. Used in the event loop."""

    def __init__(self, control: Control) -> None:
        self._control = control
        self._all: set[EventReader] = set()
        self._has_ended = False

    @asynccontextmanager
    async def of(self, stream: str | None) -> AsyncIterator[EventReader]:
        """Read within the context what happens to `stream`, or to any, after what it is now.

        Raise UnknownStreamError.
        """
        reader = EventReader(stream)
        leave = await run_sync(self._control.subscribe, reader.tell)
        self._all.add(reader)
        if self._has_ended:
            reader.end()
        try:
            for status in await run_sync(self._control.streams):
                reader.take(StreamChanged(status))
            yield reader
        finally:
            self._all.discard(reader)
            with CancelScope(shield=True):
                await run_sync(leave)

    def end(self) -> None:
        """Send everybody away, and all who come later."""
        self._has_ended = True
        for reader in self._all:
            reader.end()
