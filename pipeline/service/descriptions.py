"""Parts of the OpenAPI that no type says."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, TypeAlias

from pydantic import BaseModel

from pipeline.service.form_files import MULTIPART
from pipeline.service.problem import MEDIA_TYPE, Problem

SCHEMAS = "#/components/schemas/"
Responses: TypeAlias = dict[int | str, dict[str, Any]]

TAGS = (
    {"name": "predictions", "description": "Pictures and clips that are judged and forgotten."},
    {"name": "streams", "description": "The cameras: looked at, made, changed, paused and removed."},
    {"name": "history", "description": "What cameras saw in the last hour, and what happens now."},
    {"name": "pictures", "description": "What a camera sees, with its verdicts drawn in."},
    {"name": "session", "description": "Signing in with the password, as the pages do."},
    {"name": "operation", "description": "For monitors and orchestrators."},
)
"""The parts of the interface, in the order in which they are described."""

RETRY_AFTER: Mapping[str, Any] = {
    "Retry-After": {"description": "After so many seconds.", "schema": {"type": "integer"}}
}


def problems(*models: type[BaseModel]) -> dict[str, Any]:
    """Return the content of an answer that is one of `models`."""
    return {MEDIA_TYPE: {"schema": any_of(models)}}


def any_of(models: Sequence[type[BaseModel]]) -> dict[str, Any]:
    """Return the schema of what is one of `models`."""
    references = [{"$ref": f"{SCHEMAS}{model.__name__}"} for model in models]
    return references[0] if len(references) == 1 else {"anyOf": references}


def refused(*models: type[BaseModel]) -> Responses:
    """Return the answers of what is wrong or may not be."""
    return {"4XX": {"description": "What was wrong.", "content": problems(*models)}}


def busy(*models: type[BaseModel]) -> Responses:
    """Return the answers of what can't be done at the moment."""
    unavailable = {
        "description": "Not at the moment; the header says when to try again.",
        "headers": RETRY_AFTER,
        "content": problems(*models),
    }
    return {int(HTTPStatus.SERVICE_UNAVAILABLE): unavailable}


EVERYWHERE = refused(Problem)


def files_body(field: str, media_type: str, *, is_list: bool) -> dict[str, Any]:
    """Return the body of an upload: a form with files in parts named `field`, or one file of `media_type`."""
    file = {"type": "string", "contentMediaType": "application/octet-stream"}
    files: dict[str, Any] = {"type": "array", "minItems": 1, "items": file} if is_list else file
    form = {"type": "object", "required": [field], "properties": {field: files}}
    raw = {"schema": {"type": "string", "format": "binary"}}
    content = {MULTIPART: {"schema": form}, "application/octet-stream": raw, media_type: raw}
    name = {
        "name": "name",
        "in": "query",
        "description": "The name of a file that is the body itself.",
        "schema": {"type": "string"},
    }
    return {"requestBody": {"required": True, "content": content}, "parameters": [name]}
