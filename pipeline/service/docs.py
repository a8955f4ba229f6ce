"""The page that describes the interface, made of its OpenAPI; without a script, and with nothing from elsewhere."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from pipeline.service.descriptions import TAGS
from pipeline.service.openapi import operations
from pipeline.service.rendering import page
from pipeline.service.schema_words import bounds_of, prose, type_of
from pipeline.service.visitor import Visiting

DOCS_PATH = "/docs"

router = APIRouter(include_in_schema=False)


@router.get(DOCS_PATH)
async def show_docs(request: Request, visitor: Visiting) -> Response:
    """Show what there is to ask, and what is answered."""
    described: Mapping[str, Any] = request.app.openapi()
    return page(
        "docs.html",
        visitor=visitor,
        here=DOCS_PATH,
        sections=[(tag, _operations_of(described, tag["name"])) for tag in TAGS],
        schemas=described["components"]["schemas"],
        bounds_of=bounds_of,
        prose=prose,
        type_of=type_of,
    )


def _operations_of(described: Mapping[str, Any], tag: str) -> list[tuple[str, str, Mapping[str, Any]]]:
    return [(path, method, found) for path, method, found in operations(described) if tag in found["tags"]]
