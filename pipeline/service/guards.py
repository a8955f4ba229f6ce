"""What goes around every answer: headers that keep browsers strict, and an end for what went wrong."""

import logging
import traceback
from collections.abc import Mapping
from http import HTTPStatus

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipeline.service.problem import problem_response

INNERMOST_FRAMES = 6
"""So much of the way to a fault is logged; what is further out is the framework's."""

log = logging.getLogger(__name__)

PERMISSIONS = "camera=(), microphone=(), geolocation=(), display-capture=(), usb=(), serial=(), midi=()"
"""A page that takes pictures says otherwise of the camera."""

HEADERS: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    # Keeps other pages from showing the cameras as pictures.
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": PERMISSIONS,
    # Other sites are told nothing; with no-referrer browsers would not tell this one either whose form it is.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""Of every answer that does not say otherwise."""


class StrictHeaders:
    """Adds `HEADERS` to each answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, told)


class Unexpected:
    """Answers 500 to what nobody foresaw, and logs its kind and place once; its text may hold secrets."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        has_begun = False

        async def told(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self._app(scope, receive, told)
        except Exception as error:
            _log(scope, error)
            if not has_begun:
                detail = "the program failed; its log says where"
                await problem_response(HTTPStatus.INTERNAL_SERVER_ERROR, detail)(scope, receive, send)


def _log(scope: Scope, error: Exception) -> None:
    where = "".join(traceback.format_tb(error.__traceback__, limit=-INNERMOST_FRAMES)).rstrip()
    route = getattr(scope.get("route"), "path", "an unknown route")
    log.error("%s %s failed with %s\n%s", scope.get("method"), route, type(error).__name__, where)
