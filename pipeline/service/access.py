"""Who may see and who may change: asked for before any route is looked up."""

import base64
import binascii
import hmac
import re
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from pipeline.config.http import HttpConfig
from pipeline.service.problem import problem_response

OPEN_PATHS = frozenset({"/healthz", "/readyz"})
"""Watchdogs and orchestrators have no token."""

_VIEWS = frozenset({"GET", "HEAD"})
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[^:]+)(?::\d+)?")
_LOCAL_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})


class Access:
    """Refuses what a request may not do.

    A change needs the token as Bearer: a browser sends that by no form, link or picture of another page. Bound
    elsewhere than to this machine, views need it too, and take it as the password of HTTP Basic. Bound to this machine,
    only its own names are answered: a page of the Internet whose name was pointed here would be let in otherwise.
    """

    def __init__(self, app: ASGIApp, config: HttpConfig) -> None:
        self._app = app
        self._token = None if config.token is None else config.token.get_secret_value().encode()
        self._hosts = _LOCAL_NAMES | {config.bind_address.lower()} if config.is_local else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer it with a problem."""
        answer = self._refusal(Request(scope)) if scope["type"] == "http" else None
        await (answer or self._app)(scope, receive, send)

    def _refusal(self, request: Request) -> Response | None:
        if self._hosts is not None and _host_of(request) not in self._hosts:
            return problem_response(
                HTTPStatus.MISDIRECTED_REQUEST,
                "this service answers as 127.0.0.1 or localhost alone; for other names set http.bind_address and "
                "http.token in the configuration",
            )
        if request.method not in _VIEWS:
            return self._refused_change(request)
        if self._hosts is not None or request.scope["path"] in OPEN_PATHS:
            return None
        return None if self._is_known(request, {"bearer", "basic"}) else _unauthorized(for_views=True)

    def _refused_change(self, request: Request) -> Response | None:
        if self._token is None:
            return problem_response(
                HTTPStatus.FORBIDDEN,
                "changes need a token: set http.token in the configuration file, such as ${MASKSTREAM_TOKEN}, and "
                "restart",
            )
        return None if self._is_known(request, {"bearer"}) else _unauthorized(for_views=False)

    def _is_known(self, request: Request, schemes: set[str]) -> bool:
        scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
        if self._token is None or scheme.lower() not in schemes:
            return False
        given = credentials.strip().encode() if scheme.lower() == "bearer" else _password(credentials)
        return hmac.compare_digest(given, self._token)


def _password(credentials: str) -> bytes:
    """Return the password of HTTP Basic; the user's name may be any."""
    try:
        return base64.b64decode(credentials.strip(), validate=True).partition(b":")[2]
    except (binascii.Error, ValueError):
        return b""


def _host_of(request: Request) -> str | None:
    match = _HOST.fullmatch(request.headers.get("host", "").lower())
    return None if match is None else match[1]


def _unauthorized(*, for_views: bool) -> Response:
    also = ", or as the password of HTTP Basic" if for_views else ""
    detail = f"this needs the token of http.token, in the header Authorization: Bearer TOKEN{also}"
    answer = problem_response(
        HTTPStatus.UNAUTHORIZED, detail, headers={"WWW-Authenticate": 'Bearer realm="maskstream"'}
    )
    if for_views:
        # For this one browsers ask their user; Chromium reads but the first challenge of a header.
        answer.headers.append("WWW-Authenticate", 'Basic realm="maskstream", charset="UTF-8"')
    return answer
