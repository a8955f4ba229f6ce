"""The small forms of pages."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, TypeAlias
from urllib.parse import parse_qsl

from fastapi import Depends, Request

from pipeline.service.body import read_body
from pipeline.service.problem import ProblemError

FORM_TYPE = "application/x-www-form-urlencoded"
MAX_FORM_BYTES = 4096
MAX_FIELDS = 16


async def read_form(request: Request) -> Mapping[str, str]:
    """Return the fields of the form that `request` carries, of each name the last; raise ProblemError."""
    text = await read_body(request, FORM_TYPE, MAX_FORM_BYTES)
    try:
        return dict(parse_qsl(text.decode(), keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS))
    except ValueError:
        raise ProblemError(HTTPStatus.BAD_REQUEST, "the body is not a form in UTF-8") from None


FormFields: TypeAlias = Annotated[Mapping[str, str], Depends(read_form)]
