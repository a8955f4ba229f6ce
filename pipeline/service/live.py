"""The page for people."""

from collections.abc import Mapping
from importlib.resources import files

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)

_FILES: Mapping[str, str] = {
    "live.html": "text/html",
    "live.css": "text/css",
    "live.js": "text/javascript",
}
_PAGES = {name: files("pipeline.service").joinpath("pages", name).read_text(encoding="utf-8") for name in _FILES}

router = APIRouter(include_in_schema=False)


@router.get("/")
async def start() -> Response:
    return RedirectResponse("/live")


@router.get("/live")
async def live() -> Response:
    return _page("live.html")


@router.get("/live.css")
async def style() -> Response:
    return _page("live.css")


@router.get("/live.js")
async def script() -> Response:
    return _page("live.js")


def _page(name: str) -> Response:
    return Response(_PAGES[name], headers={"Content-Security-Policy": POLICY}, media_type=_FILES[name])
