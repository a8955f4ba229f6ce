"""The HTTP service as one application."""

from fastapi import FastAPI
from starlette.middleware import Middleware

from pipeline.config.schema import Config
from pipeline.service import (
    asset_files,
    clips,
    docs,
    events,
    history,
    login,
    operation,
    people,
    pictures,
    predict,
    samples,
    site,
    streams,
)
from pipeline.service.access import Access
from pipeline.service.arrivals import Arrivals
from pipeline.service.control import Control
from pipeline.service.descriptions import EVERYWHERE, TAGS
from pipeline.service.event_readers import EventReaders
from pipeline.service.guards import StrictHeaders, Unexpected
from pipeline.service.limits import Limits
from pipeline.service.openapi import SelfDescribing
from pipeline.service.problem import answer_errors
from pipeline.service.samples import SampleShelf
from pipeline.service.sessions import Sessions
from pipeline.service.sign_in import SignIn
from pipeline.service.watches import Watches

PARTS = (login, operation, predict, clips, streams, history, people, events, pictures, site, samples, docs, asset_files)


def create_app(control: Control, config: Config) -> FastAPI:
    """Return the application that shows and changes the streams of `control`, as far as `config` lets it."""
    sessions = Sessions()
    app = SelfDescribing(
        title="maskstream",
        version="1",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        summary="Tells from video how well people wear face masks.",
        openapi_tags=list(TAGS),
        responses=EVERYWHERE,
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
    app.state.readers, app.state.samples = EventReaders(control), SampleShelf()
    app.state.sign_in, app.state.arrivals = SignIn(config.http, sessions), Arrivals()
    answer_errors(app)
    for part in PARTS:
        app.include_router(part.router)
    return app
