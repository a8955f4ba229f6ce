"""The styles, scripts, fonts and drawings of the pages, as they are sent; nothing in them is secret."""

import gzip
import re
from collections.abc import Mapping
from hashlib import sha256
from http import HTTPStatus
from importlib.resources import files

from fastapi import APIRouter, Request
from starlette.responses import Response

from pipeline.service.paths import ASSETS_PATH
from pipeline.service.problem import ProblemError

TYPES: Mapping[str, str] = {
    "css": "text/css",
    "js": "text/javascript",
    "svg": "image/svg+xml",
    "woff2": "font/woff2",
}

_FILES: Mapping[str, bytes] = {
    file.name: file.read_bytes()
    for file in sorted(files("pipeline.service").joinpath("assets").iterdir(), key=lambda file: file.name)
    if file.name.rpartition(".")[2] in TYPES
}
_SHORT: Mapping[str, bytes] = {
    name: gzip.compress(data, mtime=0) for name, data in _FILES.items() if not name.endswith(".woff2")
}
"""Packed: a third of the size; fonts are already."""

PREFIX = f"{ASSETS_PATH}{sha256(b''.join(_FILES.values())).hexdigest()[:12]}"
"""Another version of the files stands at another address: a browser asks for each but once."""

_IMPORT = re.compile(r'from "\./([^"]+)";')

router = APIRouter(include_in_schema=False)


def asset_address(name: str) -> str:
    """Return where the file of that name is; KeyError where there is none."""
    if name not in _FILES:
        raise KeyError(name)
    return f"{PREFIX}/{name}"


def imported_by(name: str) -> list[str]:
    """Return the scripts that one needs, directly or not, so that its page can ask for all at once."""
    found, wanted = set[str](), {name}
    while wanted:
        found |= wanted
        wanted = {needed for script in wanted for needed in _IMPORT.findall(_FILES[script].decode())} - found
    return sorted(found - {name})


@router.get(f"{PREFIX}/{{name}}")
async def asset(name: str, request: Request) -> Response:
    """Send a file, to be kept."""
    if name not in _FILES:
        raise ProblemError(HTTPStatus.NOT_FOUND, f"the pages have no file {name}")
    headers = {"Cache-Control": "private, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
    data = _FILES[name]
    if name in _SHORT and "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        data = _SHORT[name]
    return Response(data, headers=headers, media_type=TYPES[name.rpartition(".")[2]])
