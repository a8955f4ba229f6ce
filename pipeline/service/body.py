"""The body of a request: a JSON object of bounded size."""

import asyncio
import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, TypeAlias

from fastapi import Depends, Request
from starlette.requests import ClientDisconnect

from pipeline.service.problem import ProblemError

MAX_BODY_BYTES = 64 * 1024
BODY_TIMEOUT_S = 10.0


async def read_object(request: Request) -> Mapping[str, object]:
    """Return the JSON object that `request` carries; raise ProblemError, which repeats nothing of it."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise ProblemError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "the body is sent as Content-Type: application/json")
    try:
        async with asyncio.timeout(BODY_TIMEOUT_S):
            text = await _bounded(request)
    except TimeoutError:
        detail = f"the body did not come within {BODY_TIMEOUT_S:g} s"
        raise ProblemError(HTTPStatus.REQUEST_TIMEOUT, detail, {"Connection": "close"}) from None
    except ClientDisconnect:
        raise ProblemError(HTTPStatus.BAD_REQUEST, "the body broke off") from None
    return _parsed(text)


async def _bounded(request: Request) -> bytes:
    text = bytearray()
    async for chunk in request.stream():
        text += chunk
        if len(text) > MAX_BODY_BYTES:
            detail = f"the body has more than {MAX_BODY_BYTES} bytes"
            raise ProblemError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail, {"Connection": "close"})
    return bytes(text)


def _parsed(text: bytes) -> Mapping[str, object]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise ProblemError(
            HTTPStatus.BAD_REQUEST, 'the body is a JSON object, such as {"id": "door", "url": "rtsp://..."}'
        )
    return value


JsonObject: TypeAlias = Annotated[Mapping[str, object], Depends(read_object)]
