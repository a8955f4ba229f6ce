"""Uploads as routes get them, however they were sent; few at a time, so that they can't fill the memory."""

from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Annotated, TypeAlias

from fastapi import Depends, Request

from pipeline.service.arriving import CLOSE, ArrivingBody
from pipeline.service.body import media_type_of
from pipeline.service.form_files import MULTIPART, FileRules, FormFiles, ReceivedFile, RefusedFile
from pipeline.service.problem import ProblemError
from pipeline.upload import Upload
from pipeline.upload_errors import UploadCrowdError, UploadTooLargeError

OCTETS = "application/octet-stream"
MAX_PICTURES_ARRIVING = 32
MAX_CLIPS_ARRIVING = 4
BUSY_RETRY_S = 5

MOST_TAKEN = 8
"""So many times of what is allowed are read, and passed over, of one that is too large."""


class Places:
    """So many uploads come in at a time, of all visitors. Used in the event loop."""

    def __init__(self, count: int) -> None:
        self._free = count

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Hold a place while the context lasts; raise UploadCrowdError where there is none."""
        if not self._free:
            raise UploadCrowdError("many uploads come in at the moment: try again in some seconds", BUSY_RETRY_S)
        self._free -= 1
        try:
            yield
        finally:
            self._free += 1


class Arrivals:
    """The places for uploads of each kind."""

    def __init__(self) -> None:
        self.pictures = Places(MAX_PICTURES_ARRIVING)
        self.clips = Places(MAX_CLIPS_ARRIVING)


async def _arrivals(request: Request) -> Arrivals:
    arrivals: Arrivals = request.app.state.arrivals
    return arrivals


Arriving: TypeAlias = Annotated[Arrivals, Depends(_arrivals)]


async def received_files(request: Request, body: ArrivingBody, rules: FileRules) -> AsyncGenerator[ReceivedFile, None]:
    """Yield each file of a form, or the body itself as one, once it is whole; each is closed by whoever gets it.

    Raise ProblemError or UploadTooLargeError where there is nothing more to be had.
    """
    media_type = media_type_of(request)
    if media_type == MULTIPART:
        async for file in _of_form(request, body, rules):
            yield file
    elif media_type == OCTETS or media_type.startswith(("image/", "video/")):
        yield await _whole(request, body, rules.max_bytes)
    else:
        detail = f"files are sent as {MULTIPART}, in parts named {rules.field}, or one as its own type or {OCTETS}"
        raise ProblemError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, detail)


async def received_file(request: Request, body: ArrivingBody, rules: FileRules) -> Upload:
    """Return the only file of a form, or the body itself; raise ProblemError or UploadTooLargeError."""
    received: ReceivedFile | None = None
    try:
        async for file in received_files(request, body, rules):
            received = file
    except BaseException:
        if isinstance(received, Upload):
            received.close()
        raise
    if isinstance(received, RefusedFile):
        raise received.error
    assert received is not None, "a form without files is refused"
    return received


async def _of_form(request: Request, body: ArrivingBody, rules: FileRules) -> AsyncGenerator[ReceivedFile, None]:
    most_bytes = rules.max_bytes * (rules.max_files + 1)
    with FormFiles(request.headers["content-type"], rules) as files:
        while chunk := await body.next():
            files.feed(chunk)
            while (file := files.take()) is not None:
                yield file
            if body.received_bytes > most_bytes:
                detail = f"the form has more than {most_bytes} bytes"
                raise ProblemError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail, CLOSE)
        files.finish()


async def _whole(request: Request, body: ArrivingBody, max_bytes: int) -> Upload:
    # h11 lets nothing pass but digits, and uvicorn no request without them or chunks.
    announced_bytes = int(request.headers.get("content-length", 0))
    upload = Upload(request.query_params.get("name", ""), max_bytes)
    try:
        upload.expect(announced_bytes)
        while chunk := await body.next():
            upload.write(chunk)
    except UploadTooLargeError as error:
        upload.close()
        # A browser that is still sending hears an answer only where the rest is taken, too; the server does that.
        is_bounded = 0 < announced_bytes <= MOST_TAKEN * max_bytes
        raise ProblemError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, str(error), None if is_bounded else CLOSE) from None
    except BaseException:
        upload.close()
        raise
    return upload
