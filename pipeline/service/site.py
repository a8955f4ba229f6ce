"""The pages for people."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from pipeline.service.context import Configured, Running
from pipeline.service.guards import PERMISSIONS
from pipeline.service.paths import LOGIN_PATH
from pipeline.service.rendering import page
from pipeline.service.samples import offered
from pipeline.service.stream_json import StreamJson
from pipeline.service.visitor import Visiting

LIVE_PATH = "/live"

WITH_CAMERA = PERMISSIONS.replace("camera=()", "camera=(self)")
"""A visitor's own camera may take the picture that is checked; no other page asks for it."""

LOGIN_ERRORS: Mapping[str, str] = {
    "wrong": "The password is wrong.",
    "busy": "Too many tries. Wait a minute, then try again.",
}

router = APIRouter(include_in_schema=False)


@router.get("/")
async def check(visitor: Visiting, config: Configured) -> Response:
    """Show where pictures and clips are checked."""
    shown = page("check.html", visitor=visitor, here="/", uploads=config.uploads, samples=offered())
    shown.headers["Permissions-Policy"] = WITH_CAMERA
    return shown


@router.get(LIVE_PATH)
async def live(visitor: Visiting, config: Configured) -> Response:
    """Show all streams."""
    return page("live.html", visitor=visitor, here=LIVE_PATH, http=config.http)


@router.get(f"{LIVE_PATH}/{{stream}}")
def live_stream(stream: str, visitor: Visiting, control: Running) -> Response:
    """Show one stream and its last hour; 404 where there is none."""
    shown = StreamJson.of(control.stream(stream))
    return page("stream.html", visitor=visitor, here=f"{LIVE_PATH}/{shown.id}", stream=shown)


@router.get(LOGIN_PATH)
async def login(request: Request, visitor: Visiting) -> Response:
    """Show the form of the sign-in; `next` in the address is where it leads, `error` why it is shown again."""
    asked: Mapping[str, Any] = request.query_params
    error = LOGIN_ERRORS.get(asked.get("error", ""))
    return page("login.html", visitor=visitor, here=LOGIN_PATH, next=asked.get("next", "/"), error=error)
