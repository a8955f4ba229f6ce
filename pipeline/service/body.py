"""The body of a request, of bounded size, and of one that is a JSON object."""

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
    return _parsed(await read_body(request, "application/json", MAX_BODY_BYTES))


async def read_body(request: Request, media_type: str, max_bytes: int) -> bytes:
    """Return the body of a request that says it is of `media_type`; raise ProblemError."""
    if media_type_of(request) != media_type:
        raise ProblemError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"the body is sent as Content-Type: {media_type}")
    try:
        async with asyncio.timeout(BODY_TIMEOUT_S):
            return await _bounded(request, max_bytes)
    except TimeoutError:
        detail = f"the body did not come within {BODY_TIMEOUT_S:g} s"
        raise ProblemError(HTTPStatus.REQUEST_TIMEOUT, detail, {"Connection": "close"}) from None
    except ClientDisconnect:
        raise ProblemError(HTTPStatus.BAD_REQUEST, "the body broke off") from None


def media_type_of(request: Request) -> str:
    """Return the media type of the body, without its parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def _bounded(request: Request, max_bytes: int) -> bytes:
    text = bytearray()
    async for chunk in request.stream():
        text += chunk
        if len(text) > max_bytes:
            detail = f"the body has more than {max_bytes} bytes"
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
