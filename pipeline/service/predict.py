"""Predictions for the faces in pictures that visitors send."""

from contextlib import aclosing
from dataclasses import dataclass, field
from http import HTTPStatus

from fastapi import APIRouter, Request
from starlette.responses import Response

from pipeline.service.arrivals import Arriving, received_files
from pipeline.service.arriving import ArrivingBody
from pipeline.service.context import Configured, Running
from pipeline.service.control import Examination
from pipeline.service.descriptions import busy, files_body, refused
from pipeline.service.form_files import FileRules, ReceivedFile, RefusedFile
from pipeline.service.paths import PREDICT_PATH
from pipeline.service.problem import MEDIA_TYPE, Problem, headers_of, status_of
from pipeline.service.upload_json import FileFault, FilesProblem, ModelJson, PictureJson, PredictionsJson
from pipeline.upload_errors import UploadError

FIELD = "files"
MAX_FILES = 32

router = APIRouter(tags=["predictions"])


@dataclass
class _Outcome:
    """What became of the files of a request."""

    pictures: list[PictureJson] = field(default_factory=list)
    faults: list[FileFault] = field(default_factory=list)
    errors: list[UploadError] = field(default_factory=list)

    def add_fault(self, name: str, error: UploadError) -> None:
        self.errors.append(error)
        self.faults.append(FileFault(name=name, status=status_of(error), detail=str(error)))


@router.post(
    PREDICT_PATH,
    response_model=PredictionsJson,
    responses=busy(Problem, FilesProblem) | refused(Problem, FilesProblem),
    openapi_extra=files_body(FIELD, "image/*", is_list=True),
)
async def predict(
    request: Request, control: Running, config: Configured, arrivals: Arriving, preview: bool = False
) -> Response:
    """Judge the faces in the pictures of a form, in parts named `files`, or in the one that is the body.

    Nothing is stored. `preview` asks for each picture as a small JPEG as well, where a browser can't show it. What
    can't be judged stands in `errors`; where that is so with every file, the answer is a problem.
    """
    rules = FileRules(FIELD, config.uploads.max_picture_bytes, MAX_FILES)
    body, outcome, examination = ArrivingBody(request.receive), _Outcome(), control.examination
    model = examination.model
    with arrivals.pictures.taken():
        async with aclosing(received_files(request, body, rules)) as files:
            async for file in files:
                await _examine(file, body, examination, outcome, preview)
    if not outcome.pictures:
        return _problem(outcome)
    shown_model = ModelJson(name=model.name, sha256=model.sha256)
    answer = PredictionsJson(pictures=outcome.pictures, errors=outcome.faults, model=shown_model)
    return Response(answer.model_dump_json(), media_type="application/json")


async def _examine(
    file: ReceivedFile, body: ArrivingBody, examination: Examination, outcome: _Outcome, preview: bool
) -> None:
    if isinstance(file, RefusedFile):
        outcome.add_fault(file.name, file.error)
        return
    try:
        picture = await body.meanwhile(examination.picture(file, preview=preview))
    except UploadError as error:
        outcome.add_fault(file.name, error)
    else:
        outcome.pictures.append(PictureJson.of(picture))


def _problem(outcome: _Outcome) -> Response:
    first, error = outcome.faults[0], outcome.errors[0]
    title = HTTPStatus(first.status).phrase
    problem = FilesProblem(title=title, status=first.status, detail=first.detail, errors=outcome.faults)
    return Response(problem.model_dump_json(), first.status, headers_of(error), MEDIA_TYPE)
