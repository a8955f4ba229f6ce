"""The application that describes itself."""

from collections.abc import Iterator, Mapping
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from pipeline.config.streams import StreamConfig
from pipeline.service.access import COOKIE, CSRF_HEADER
from pipeline.service.descriptions import SCHEMAS
from pipeline.service.events import RemovedJson, VerdictEventJson
from pipeline.service.paths import LOGOUT_PATH, is_open, is_upload
from pipeline.service.problem import Problem
from pipeline.service.stream_json import PATH
from pipeline.service.upload_json import FilesProblem

SENT: tuple[type[BaseModel], ...] = (Problem, FilesProblem, RemovedJson, VerdictEventJson)
"""What is sent, and is not the type of what a route returns."""

SCHEMES: dict[str, Any] = {
    "token": {"type": "http", "scheme": "bearer", "description": "The token of the configuration, http.token."},
    "token_as_password": {"type": "http", "scheme": "basic", "description": "The same, under any name."},
    "session": {"type": "apiKey", "in": "cookie", "name": COOKIE, "description": "A sign-in at /login."},
    "csrf": {"type": "apiKey", "in": "header", "name": CSRF_HEADER, "description": "As /api/v1/session tells it."},
}

NOTHING: list[dict[str, Any]] = []
# Bound to this machine alone, the service lets everybody look who reaches it.
VIEW: list[dict[str, Any]] = [{}, {"token": []}, {"token_as_password": []}, {"session": []}]
CHANGE: list[dict[str, Any]] = [{"token": []}, {"session": [], "csrf": []}]


class SelfDescribing(FastAPI):
    """Tells what FastAPI can't know: the bodies that the rules of the configuration read, and who may do what."""

    def openapi(self) -> dict[str, Any]:
        is_new = self.openapi_schema is None
        schema = super().openapi()
        if is_new:
            _, described = models_json_schema(
                [(StreamConfig, "validation"), *((model, "serialization") for model in SENT)],
                ref_template=f"{SCHEMAS}{{model}}",
            )
            schema["components"]["schemas"].update(described["$defs"])
            schema["components"]["securitySchemes"] = SCHEMES
            _describe_bodies_of_streams(schema)
            for path, method, operation in operations(schema):
                operation["security"] = _security(path, method)
        return schema


def operations(schema: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield the path, the method in lower case, and the description of each operation of an OpenAPI `schema`."""
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def _describe_bodies_of_streams(schema: dict[str, Any]) -> None:
    schemas, paths = schema["components"]["schemas"], schema["paths"]
    # The address names the stream; the body may repeat it.
    required = [name for name in schemas["StreamConfig"]["required"] if name != "id"]
    schemas["StreamReplacement"] = schemas["StreamConfig"] | {"title": "StreamReplacement", "required": required}
    bodies = {"StreamConfig": paths[PATH]["post"], "StreamReplacement": paths[f"{PATH}/{{stream}}"]["put"]}
    for name, operation in bodies.items():
        content = {"application/json": {"schema": {"$ref": f"{SCHEMAS}{name}"}}}
        operation["requestBody"] = {"required": True, "content": content}


def _security(path: str, method: str) -> list[dict[str, Any]]:
    if is_open(path) or path == LOGOUT_PATH:
        return NOTHING
    return VIEW if method == "get" or is_upload(path) else CHANGE
