"""The moving and the still picture of a stream."""

import asyncio
from http import HTTPStatus

from anyio.to_thread import run_sync
from fastapi import APIRouter, Response
from starlette.types import Receive, Scope, Send

from pipeline.jpeg import Jpeg
from pipeline.service.context import Running, Watching
from pipeline.service.control import Control
from pipeline.service.descriptions import Responses, problems
from pipeline.service.leaving import while_connected
from pipeline.service.problem import Problem, ProblemError
from pipeline.service.stream_json import PATH
from pipeline.service.watches import Watch, Watches

BOUNDARY = "maskstream-picture"
PARTS_TYPE = f"multipart/x-mixed-replace; boundary={BOUNDARY}"
JPEG_TYPE = "image/jpeg"
SNAPSHOT_TIMEOUT_S = 5.0

STILL: Responses = {
    200: {"content": {JPEG_TYPE: {}}},
    503: {"description": "No picture came within five seconds.", "content": problems(Problem)},
}

# Sent right after the picture before: Chromium shows that once it has seen the next head, and would be one late.
_PART_HEAD = f"--{BOUNDARY}\r\nContent-Type: {JPEG_TYPE}\r\n\r\n".encode()

router = APIRouter(prefix=PATH, tags=["pictures"])


@router.get("/{stream}/preview", response_class=Response, responses={200: {"content": {PARTS_TYPE: {}}}})
async def preview(stream: str, watches: Watching) -> Response:
    """Send annotated pictures as they are rendered, as `img` elements show them, until the stream is removed."""
    return MovingPicture(watches, stream)


@router.get("/{stream}/snapshot", response_class=Response, responses=STILL)
async def snapshot(stream: str, watches: Watching, control: Running) -> Response:
    """Send the next annotated picture; 503 where none comes within five seconds."""
    async with watches.of(stream) as watch:
        try:
            picture = await asyncio.wait_for(watch.next(), SNAPSHOT_TIMEOUT_S)
        except TimeoutError:
            raise ProblemError(HTTPStatus.SERVICE_UNAVAILABLE, await _why_none(control, stream)) from None
    if picture is None:
        raise ProblemError(HTTPStatus.SERVICE_UNAVAILABLE, "the stream has ended")
    return Response(picture.data, media_type=JPEG_TYPE)


class MovingPicture(Response):
    """Sends each watcher the newest picture once the connection takes one, and costs no thread meanwhile."""

    def __init__(self, watches: Watches, stream: str) -> None:
        super().__init__(media_type=PARTS_TYPE)
        del self.headers["content-length"]
        self._watches = watches
        self._stream = stream

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        """Answer until the stream ends or the watcher leaves, whichever is first."""
        async with self._watches.of(self._stream) as watch:
            await send({"type": "http.response.start", "status": HTTPStatus.OK, "headers": self.raw_headers})
            await while_connected(receive, _send_all(watch, send))


async def _send_all(watch: Watch, send: Send) -> None:
    await send({"type": "http.response.body", "body": _PART_HEAD, "more_body": True})
    while (picture := await watch.next()) is not None:
        await send({"type": "http.response.body", "body": _part(picture), "more_body": True})
        # Returns once the connection takes more: only then is it decided which picture is the newest.
        await send({"type": "http.response.body", "body": b"", "more_body": True})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


def _part(picture: Jpeg) -> bytes:
    return picture.data + b"\r\n" + _PART_HEAD


async def _why_none(control: Control, stream: str) -> str:
    status = await run_sync(control.stream, stream)
    return f"no picture came within {SNAPSHOT_TIMEOUT_S:g} s: the stream is {status.state.value}: {status.detail}"
