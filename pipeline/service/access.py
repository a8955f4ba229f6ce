"""Who may see and who may change: asked for before any route is looked up."""

import base64
import binascii
import hmac
import re
from http import HTTPStatus
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from pipeline.config.http import HttpConfig
from pipeline.service.paths import LOGIN_PATH, LOGOUT_PATH, is_open, is_upload
from pipeline.service.problem import problem_response
from pipeline.service.sessions import Sessions
from pipeline.service.visitor import Visitor, is_cross_site, wants_page

COOKIE = "maskstream_session"
CSRF_HEADER = "X-CSRF-Token"

_VIEWS = frozenset({"GET", "HEAD"})
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[^:]+)(?::\d+)?")
_LOCAL_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})


class Access:
    """Refuses what a request may not do, and tells the routes whose it is.

    A change needs the token as Bearer, or a session whose page shows what it alone knows: a browser sends neither by a
    form, link or picture of another page, and what one says comes from another site changes nothing at all. Bound
    elsewhere than to this machine, or behind a proxy, views need one too, and take the token as the password of HTTP
    Basic. Bound to this machine, only its own names are answered: a page of the Internet whose name was pointed here
    would be let in otherwise.
    """

    def __init__(self, app: ASGIApp, config: HttpConfig, sessions: Sessions) -> None:
        self._app = app
        self._sessions = sessions
        self._token = None if config.token is None else config.token.get_secret_value().encode()
        self._can_sign_in = config.can_sign_in
        self._hosts = _LOCAL_NAMES | {config.bind_address.lower()} if config.is_open else None

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
        visitor = request.state.visitor = self._visitor(request)
        path = request.scope["path"]
        if request.method in _VIEWS:
            return None if is_open(path) else self._refused_view(request, visitor)
        if is_cross_site(request):
            return problem_response(HTTPStatus.FORBIDDEN, "a page of another site asks for this, and may not")
        if path in {LOGIN_PATH, LOGOUT_PATH}:
            return None
        return (self._refused_view if is_upload(path) else self._refused_change)(request, visitor)

    def _visitor(self, request: Request) -> Visitor:
        key = request.cookies.get(COOKIE)
        session = None if key is None else self._sessions.find(key)
        return Visitor(
            signed_in=session is not None,
            can_change=session is not None or self._has_token(request, {"bearer"}),
            can_sign_in=self._can_sign_in,
            csrf=None if session is None else session.csrf,
        )

    def _refused_view(self, request: Request, visitor: Visitor) -> Response | None:
        if self._hosts is not None or visitor.signed_in or self._has_token(request, {"bearer", "basic"}):
            return None
        if request.method in _VIEWS and wants_page(request):
            path = quote(request.scope["path"])
            return RedirectResponse(f"{LOGIN_PATH}?next={path}", HTTPStatus.SEE_OTHER)
        return _unauthorized(may_ask=self._token is not None and _shows_challenges(request))

    def _refused_change(self, request: Request, visitor: Visitor) -> Response | None:
        if not self._can_sign_in:
            return problem_response(
                HTTPStatus.FORBIDDEN,
                "changes need a token: set http.token in the configuration file, such as ${MASKSTREAM_TOKEN}, and "
                "restart",
            )
        if self._has_token(request, {"bearer"}):
            return None
        if visitor.csrf is None:
            return _unauthorized(may_ask=False)
        if hmac.compare_digest(request.headers.get(CSRF_HEADER, "").encode(), visitor.csrf.encode()):
            return None
        detail = f"a change of one who has signed in needs the header {CSRF_HEADER}; GET /api/v1/session tells it"
        return problem_response(HTTPStatus.FORBIDDEN, detail)

    def _has_token(self, request: Request, schemes: set[str]) -> bool:
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


def _shows_challenges(request: Request) -> bool:
    """Tell whether the browser is to ask its user; not one who signed in on our page, once that has ended."""
    return COOKIE not in request.cookies and request.headers.get("sec-fetch-mode", "navigate") == "navigate"


def _unauthorized(*, may_ask: bool) -> Response:
    also = ", or as the password of HTTP Basic" if may_ask else ""
    detail = (
        f"this needs a sign-in at /login, or the token of http.token, in the header Authorization: Bearer TOKEN{also}"
    )
    answer = problem_response(
        HTTPStatus.UNAUTHORIZED, detail, headers={"WWW-Authenticate": 'Bearer realm="maskstream"'}
    )
    if may_ask:
        # For this one browsers ask their user; Chromium reads but the first challenge of a header.
        answer.headers.append("WWW-Authenticate", 'Basic realm="maskstream", charset="UTF-8"')
    return answer
