"""The HTTP service as one application."""

from typing import Any

from fastapi import FastAPI
from pydantic.json_schema import models_json_schema
from starlette.middleware import Middleware

from pipeline.config.schema import Config
from pipeline.config.streams import StreamConfig
from pipeline.service import history, live, login, operation, pictures, streams
from pipeline.service.access import Access
from pipeline.service.control import Control
from pipeline.service.guards import StrictHeaders, Unexpected
from pipeline.service.limits import Limits
from pipeline.service.problem import MEDIA_TYPE, Problem, answer_errors
from pipeline.service.sessions import Sessions
from pipeline.service.sign_in import SignIn
from pipeline.service.stream_json import PATH
from pipeline.service.watches import Watches

SCHEMAS = "#/components/schemas/"
PROBLEMS: dict[int | str, dict[str, Any]] = {
    "4XX": {"description": "What was wrong.", "content": {MEDIA_TYPE: {"schema": {"$ref": f"{SCHEMAS}Problem"}}}}
}


def create_app(control: Control, config: Config) -> FastAPI:
    """Return the application that shows and changes the streams of `control`, as far as `config` lets it."""
    sessions = Sessions()
    app = _Application(
        title="maskstream",
        version="1",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        responses=PROBLEMS,
        middleware=[
            Middleware(StrictHeaders),
            Middleware(Unexpected),
            Middleware(Limits, config.http),
            Middleware(Access, config.http, sessions),
        ],
        # It is on by default, and told other machines of every request where the environment names some.
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
    )
    app.state.control, app.state.config, app.state.watches = control, config, Watches(control)
    app.state.sign_in = SignIn(config.http, sessions)
    answer_errors(app)
    for part in (login, operation, streams, history, pictures, live):
        app.include_router(part.router)
    return app


class _Application(FastAPI):
    """Describes the bodies of streams too, which are read by the rules of the configuration and not by FastAPI's."""

    def openapi(self) -> dict[str, Any]:
        is_new = self.openapi_schema is None
        schema = super().openapi()
        if is_new:
            _, described = models_json_schema(
                [(StreamConfig, "validation"), (Problem, "serialization")], ref_template=f"{SCHEMAS}{{model}}"
            )
            schema["components"]["schemas"].update(described["$defs"])
            content = {"application/json": {"schema": {"$ref": f"{SCHEMAS}StreamConfig"}}}
            for operation in (schema["paths"][PATH]["post"], schema["paths"][f"{PATH}/{{stream}}"]["put"]):
                operation["requestBody"] = {"required": True, "content": content}
        return schema
