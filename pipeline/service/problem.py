"""Every refusal and failure of the service, as RFC 9457 writes them."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from pipeline.config.rest_stream import Mistake, RefusedStreamError
from pipeline.errors import ConfigError, MaskstreamError
from pipeline.stream_errors import (
    FileOwnedError,
    NoPreviewError,
    NoThumbnailError,
    StreamExistsError,
    UnknownStreamError,
)
from pipeline.upload_errors import (
    UnknownClipError,
    UploadBusyError,
    UploadCrowdError,
    UploadError,
    UploadsOffError,
    UploadTooLargeError,
    UploadTypeError,
)

MEDIA_TYPE = "application/problem+json"

STATUS_BY_ERROR: Mapping[type[MaskstreamError], HTTPStatus] = {
    UnknownStreamError: HTTPStatus.NOT_FOUND,
    NoPreviewError: HTTPStatus.NOT_FOUND,
    NoThumbnailError: HTTPStatus.NOT_FOUND,
    StreamExistsError: HTTPStatus.CONFLICT,
    FileOwnedError: HTTPStatus.CONFLICT,
    UnknownClipError: HTTPStatus.NOT_FOUND,
    UploadsOffError: HTTPStatus.FORBIDDEN,
    UploadTypeError: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    UploadTooLargeError: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    UploadCrowdError: HTTPStatus.TOO_MANY_REQUESTS,
    UploadBusyError: HTTPStatus.SERVICE_UNAVAILABLE,
    UploadError: HTTPStatus.UNPROCESSABLE_ENTITY,
    RefusedStreamError: HTTPStatus.UNPROCESSABLE_ENTITY,
    ConfigError: HTTPStatus.UNPROCESSABLE_ENTITY,
    MaskstreamError: HTTPStatus.INTERNAL_SERVER_ERROR,
}
"""An error has the status of its closest class."""


class KeyMistake(BaseModel):
    """What is wrong with one key of a body; its value is not repeated, for it may be a password."""

    key: str
    message: str


class ProblemDetails(BaseModel):
    """RFC 9457: `title` goes with the status, `detail` says what is wrong and what to do."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str


class Problem(ProblemDetails):
    """What was wrong with a request; `errors` are those of its body, or of its address, by key."""

    errors: list[KeyMistake] | None = None


class ProblemError(Exception):
    """Ends a request with a problem."""

    def __init__(self, status: HTTPStatus, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = headers


def problem_response(
    status: int, detail: str, *, mistakes: Sequence[Mistake] = (), headers: Mapping[str, str] | None = None
) -> Response:
    """Return the answer that says `detail` and, of a body, the `mistakes` by key."""
    errors = [KeyMistake(key=key, message=message) for key, message in mistakes] or None
    problem = Problem(title=HTTPStatus(status).phrase, status=status, detail=detail, errors=errors)
    return Response(problem.model_dump_json(exclude_none=True), status, headers, MEDIA_TYPE)


def answer_errors(app: FastAPI) -> None:
    """Have `app` answer what its routes raise with problems."""
    app.exception_handler(ProblemError)(_told)
    app.exception_handler(HTTPException)(_of_the_framework)
    app.exception_handler(MaskstreamError)(_refused)
    app.exception_handler(RequestValidationError)(_misaddressed)


async def _told(_request: Request, error: ProblemError) -> Response:
    return problem_response(error.status, error.detail, headers=error.headers)


def status_of(error: MaskstreamError) -> HTTPStatus:
    """Return the status of an answer that tells `error`."""
    return next(STATUS_BY_ERROR[kind] for kind in type(error).__mro__ if kind in STATUS_BY_ERROR)


def headers_of(error: MaskstreamError) -> Mapping[str, str] | None:
    """Return what an answer that tells `error` says besides."""
    return {"Retry-After": str(error.retry_after_s)} if isinstance(error, UploadBusyError) else None


async def _refused(_request: Request, error: MaskstreamError) -> Response:
    if isinstance(error, RefusedStreamError):
        detail = "the stream can't be made of this; see errors"
        return problem_response(status_of(error), detail, mistakes=error.mistakes)
    return problem_response(status_of(error), str(error), headers=headers_of(error))


async def _misaddressed(_request: Request, error: RequestValidationError) -> Response:
    """Answer what the types of a route's parameters refuse; their values are not repeated."""
    mistakes = [(".".join(map(str, mistake["loc"])), mistake["msg"]) for mistake in error.errors()]
    detail = "a parameter is not what it has to be; see errors"
    return problem_response(HTTPStatus.UNPROCESSABLE_ENTITY, detail, mistakes=mistakes)


async def _of_the_framework(request: Request, error: HTTPException) -> Response:
    details = {
        HTTPStatus.NOT_FOUND: "there is nothing at this address; /openapi.json lists what there is",
        HTTPStatus.METHOD_NOT_ALLOWED: f"{request.method} is not possible here; the header Allow says what is",
    }
    detail = details.get(HTTPStatus(error.status_code), HTTPStatus(error.status_code).description)
    return problem_response(error.status_code, detail, headers=error.headers)
