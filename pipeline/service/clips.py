"""Clips that visitors send: judged in the background, asked about by their ids."""

from http import HTTPStatus

from fastapi import APIRouter, Request, Response

from pipeline.service.arrivals import Arriving, received_file
from pipeline.service.arriving import ArrivingBody
from pipeline.service.context import Configured, Running
from pipeline.service.descriptions import busy, files_body
from pipeline.service.form_files import FileRules
from pipeline.service.paths import CLIPS_PATH
from pipeline.service.problem import Problem
from pipeline.service.upload_json import ClipJson

FIELD = "file"

router = APIRouter(prefix=CLIPS_PATH, tags=["predictions"])


@router.post(
    "",
    status_code=HTTPStatus.ACCEPTED,
    responses=busy(Problem),
    openapi_extra=files_body(FIELD, "video/*", is_list=False),
)
async def begin_clip(
    request: Request, response: Response, control: Running, config: Configured, arrivals: Arriving
) -> ClipJson:
    """Take a clip, the body or the part `file` of a form; Location says where to ask how far it is.

    It is held in memory alone, and what was found out is forgotten some minutes after the end.
    """
    rules = FileRules(FIELD, config.uploads.max_clip_bytes, max_files=1)
    examination, body = control.examination, ArrivingBody(request.receive)
    with arrivals.clips.taken():
        clip = examination.begin_clip(await received_file(request, body, rules))
    response.headers["Location"] = f"{CLIPS_PATH}/{clip.id}"
    return ClipJson.of(clip)


@router.get("/{clip}")
async def show_clip(clip: str, control: Running) -> ClipJson:
    """Tell how far a clip is, and at the end what was found in it."""
    return ClipJson.of(control.examination.clip(clip))


@router.delete("/{clip}", status_code=HTTPStatus.NO_CONTENT)
async def remove_clip(clip: str, control: Running) -> None:
    """Forget a clip, or give it up where it is not done."""
    control.examination.remove_clip(clip)
