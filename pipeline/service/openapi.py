"""The application that describes itself."""

from typing import Any

from fastapi import FastAPI
from pydantic.json_schema import models_json_schema

from pipeline.config.streams import StreamConfig
from pipeline.service.descriptions import SCHEMAS
from pipeline.service.problem import Problem
from pipeline.service.stream_json import PATH
from pipeline.service.upload_json import FilesProblem


class SelfDescribing(FastAPI):
    """Describes the bodies of streams too, which are read by the rules of the configuration and not by FastAPI's."""

    def openapi(self) -> dict[str, Any]:
        is_new = self.openapi_schema is None
        schema = super().openapi()
        if is_new:
            _, described = models_json_schema(
                [(StreamConfig, "validation"), (Problem, "serialization"), (FilesProblem, "serialization")],
                ref_template=f"{SCHEMAS}{{model}}",
            )
            schema["components"]["schemas"].update(described["$defs"])
            content = {"application/json": {"schema": {"$ref": f"{SCHEMAS}StreamConfig"}}}
            for operation in (schema["paths"][PATH]["post"], schema["paths"][f"{PATH}/{{stream}}"]["put"]):
                operation["requestBody"] = {"required": True, "content": content}
        return schema
