"""Samples for a first try, drawn when they are first asked for, where the extra `demo` is installed."""

import asyncio
import base64
import json
import logging
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from subprocess import CalledProcessError

from anyio import run_process
from fastapi import APIRouter, Request
from starlette.responses import Response

from pipeline.errors import ConfigError
from pipeline.service.problem import ProblemError
from pipeline.sources.demo_picture import demo_picture

THUMBNAIL = "thumbnail-"
TYPES = {"jpg": "image/jpeg", "mp4": "video/mp4"}

# Pictures of the program's own, and the same on each visit.
KEPT = {"Cache-Control": "private, max-age=86400"}

log = logging.getLogger(__name__)
router = APIRouter(prefix="/samples", include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Sample:
    """A file to try; `part` is what pipeline.samples draws it with."""

    name: str
    title: str
    part: str

    @property
    def address(self) -> str:
        return f"{router.prefix}/{self.name}"

    @property
    def thumbnail(self) -> str:
        return f"{router.prefix}/{THUMBNAIL}{self.name}"


ALL = (
    Sample("portrait.jpg", "A portrait", "pictures"),
    Sample("two-people.jpg", "Two people", "pictures"),
    Sample("four-people.jpg", "Four people", "pictures"),
    Sample("walk.mp4", "A short clip", "clip"),
)
_PARTS = {sample.name: sample.part for sample in ALL} | {f"{THUMBNAIL}{sample.name}": "pictures" for sample in ALL}


def offered() -> tuple[Sample, ...]:
    """Return the samples that can be drawn here."""
    try:
        demo_picture()
    except ConfigError:
        return ()
    return ALL


@dataclass(eq=False)
class SampleShelf:
    """Keeps what was drawn: about 1 MB. Used in the event loop."""

    _drawn: dict[str, bytes] = field(default_factory=dict)
    _drawing: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def file(self, name: str) -> bytes:
        """Return a file by its name, drawing its part first where that was not done yet; raise ProblemError."""
        if name not in _PARTS:
            raise ProblemError(HTTPStatus.NOT_FOUND, f"there is no sample {name}")
        async with self._drawing:
            if name not in self._drawn:
                self._drawn.update(await _draw(_PARTS[name]))
        return self._drawn[name]


async def _draw(part: str) -> Mapping[str, bytes]:
    try:
        # In another process: this one reads no pictures and has none of the libraries for it.
        drawn = await run_process([sys.executable, "-P", "-m", "pipeline.samples", part])
    except CalledProcessError as error:
        log.warning("the samples can't be drawn: %s", error.stderr.decode(errors="replace").strip().rpartition("\n")[2])
        detail = f"the samples can't be drawn: the process ended with {error.returncode}; try a picture of your own"
        raise ProblemError(HTTPStatus.SERVICE_UNAVAILABLE, detail) from error
    return {name: base64.b64decode(data) for name, data in json.loads(drawn.stdout).items()}


@router.get("/{name}")
async def sample(name: str, request: Request) -> Response:
    """Send a sample, or its thumbnail."""
    shelf: SampleShelf = request.app.state.samples
    data = await shelf.file(name)
    kind = "jpg" if name.startswith(THUMBNAIL) else name.rpartition(".")[2]
    return Response(data, headers=KEPT, media_type=TYPES[kind])
