"""What happens to streams, as server-sent events."""

import asyncio
from http import HTTPStatus

from anyio.to_thread import run_sync
from fastapi import APIRouter
from pydantic import BaseModel
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from pipeline.service.context import Reading, Running
from pipeline.service.event_readers import EventReader, EventReaders
from pipeline.service.history_json import PersonJson, VerdictChangeJson
from pipeline.service.leaving import while_connected
from pipeline.service.stream_json import StreamJson
from pipeline.stream_events import StreamChanged, StreamEvent, StreamRemoved, VerdictChanged

EVENTS_TYPE = "text/event-stream"
QUIET_S = 15.0
"""After so long without an event a comment is sent: proxies end what is silent, and who has gone is noticed."""

COMMENT = b": nothing happened\n\n"
HEAD = b"retry: 3000\n\n"

router = APIRouter(prefix="/api/v1/events", tags=["history"])


class RemovedJson(BaseModel):
    """A stream that is gone."""

    id: str


class VerdictEventJson(VerdictChangeJson):
    """A change of a verdict, with its stream."""

    stream: str


@router.get("", response_class=Response, responses={200: {"content": {EVENTS_TYPE: {"schema": {"type": "string"}}}}})
async def follow_events(control: Running, readers: Reading, stream: str | None = None) -> Response:
    """Send what happens to a stream, or to any, until the connection or the service ends.

    `stream` (a stream as it is now: first of all, and after each change, at most once a second), `removed` (its id),
    `verdict` (a change as in its history, with `stream`) and `person` (who left, as in people). Who reads slowly misses
    the oldest.
    """
    if stream is not None:
        await run_sync(control.stream, stream)
    return EventStream(readers, stream)


class EventStream(Response):
    """Sends a reader events once the connection takes them, and costs no thread meanwhile."""

    def __init__(self, readers: EventReaders, stream: str | None) -> None:
        super().__init__(media_type=EVENTS_TYPE, headers={"X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._readers = readers
        self._stream = stream

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        """Answer until the service ends or the reader leaves, whichever is first."""
        async with self._readers.of(self._stream) as reader:
            await send({"type": "http.response.start", "status": HTTPStatus.OK, "headers": self.raw_headers})
            await while_connected(receive, _send_all(reader, send))


async def _send_all(reader: EventReader, send: Send) -> None:
    await send({"type": "http.response.body", "body": HEAD, "more_body": True})
    while True:
        try:
            events = await asyncio.wait_for(reader.next(), QUIET_S)
        except TimeoutError:
            text = COMMENT
        else:
            if not events:
                break
            text = b"".join(map(encoded, events))
        await send({"type": "http.response.body", "body": text, "more_body": True})
        # Returns once the connection takes more: until then what is new waits, and the oldest of it gives way.
        await send({"type": "http.response.body", "body": b"", "more_body": True})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


def encoded(event: StreamEvent) -> bytes:
    """Return `event` as it is sent; JSON has no line feeds of its own."""
    name, value = _named(event)
    return f"event: {name}\ndata: {value.model_dump_json()}\n\n".encode()


def _named(event: StreamEvent) -> tuple[str, BaseModel]:
    if isinstance(event, StreamChanged):
        return "stream", StreamJson.of(event.status)
    if isinstance(event, StreamRemoved):
        return "removed", RemovedJson(id=event.stream)
    if isinstance(event, VerdictChanged):
        shown = VerdictChangeJson.of(event.stream, event.change)
        return "verdict", VerdictEventJson(stream=event.stream, **shown.model_dump())
    return "person", PersonJson.of(event.person)
