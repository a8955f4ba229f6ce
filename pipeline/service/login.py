"""Signing in and out, by the form of a page or by a program."""

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict
from starlette.responses import JSONResponse, RedirectResponse, Response

from pipeline.service.access import COOKIE
from pipeline.service.forms import FORM_TYPE, FormFields
from pipeline.service.paths import LOGIN_PATH, LOGOUT_PATH
from pipeline.service.problem import ProblemError
from pipeline.service.sign_in import SigningIn
from pipeline.service.visitor import Visiting, address_of, wants_page

START_PATH = "/"

_OWN_PATH = re.compile(r"/(?![/\\])[!-\[\]-~]*")
"""Of this site: `//host` and, as browsers read it, `/\\host` are others."""

_FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            FORM_TYPE: {
                "schema": {
                    "type": "object",
                    "required": ["password"],
                    "properties": {
                        "password": {"type": "string", "format": "password"},
                        "next": {"type": "string", "description": "Where a browser goes on, an address of this site."},
                    },
                }
            }
        },
    }
}
_GONE_ON: dict[int | str, dict[str, Any]] = {303: {"description": "A browser, which goes on to a page."}}

router = APIRouter(tags=["session"])


class SessionJson(BaseModel):
    """Who asks: `csrf` is what the changes of a session show in the header X-CSRF-Token."""

    model_config = ConfigDict(from_attributes=True)

    signed_in: bool
    can_change: bool
    csrf: str | None


@router.get("/api/v1/session")
async def show_session(visitor: Visiting) -> SessionJson:
    """Tell whether the one who asks has signed in, and may change streams."""
    return SessionJson.model_validate(visitor)


@router.post(LOGIN_PATH, response_model=SessionJson, responses=_GONE_ON, openapi_extra=_FORM)
async def sign_in(request: Request, fields: FormFields, door: SigningIn) -> Response:
    """Begin a session, which a cookie keeps; 401 where the password is wrong, 429 after a few tries."""
    try:
        key, session = await door.begin(address_of(request.scope), fields.get("password", ""))
    except ProblemError as error:
        if wants_page(request):
            return _back_to_the_form(error, fields)
        raise
    door.end(request.cookies.get(COOKIE, ""))
    answer: Response
    if wants_page(request):
        answer = RedirectResponse(_next(fields), HTTPStatus.SEE_OTHER)
    else:
        answer = JSONResponse(SessionJson(signed_in=True, can_change=True, csrf=session.csrf).model_dump())
    is_secure = request.url.scheme == "https"
    answer.set_cookie(COOKIE, key, secure=is_secure, httponly=True, samesite="strict")
    return answer


@router.post(LOGOUT_PATH, status_code=HTTPStatus.NO_CONTENT, response_class=Response, responses=_GONE_ON)
async def sign_out(request: Request, door: SigningIn) -> Response:
    """End the session of the cookie, where there is one."""
    door.end(request.cookies.get(COOKIE, ""))
    has_page = wants_page(request)
    answer = (
        RedirectResponse(START_PATH, HTTPStatus.SEE_OTHER) if has_page else Response(status_code=HTTPStatus.NO_CONTENT)
    )
    answer.delete_cookie(COOKIE, httponly=True, samesite="strict")
    return answer


def _back_to_the_form(error: ProblemError, fields: Mapping[str, str]) -> Response:
    """Send a browser to the page of the sign-in, which says what was wrong."""
    reason = "busy" if error.status == HTTPStatus.TOO_MANY_REQUESTS else "wrong"
    return RedirectResponse(f"{LOGIN_PATH}?{urlencode({'error': reason, 'next': _next(fields)})}", HTTPStatus.SEE_OTHER)


def _next(fields: Mapping[str, str]) -> str:
    """Return where the form leads, which is never another site."""
    asked = fields.get("next", "")
    return asked if _OWN_PATH.fullmatch(asked) else START_PATH
