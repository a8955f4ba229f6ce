"""What machines ask of the program: its metrics, and whether it is well."""

from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Response
from prometheus_client import generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from pydantic import BaseModel

from pipeline.service.context import Running

UNWELL: dict[int | str, dict[str, Any]] = {503: {"description": "It is not; problems says why."}}

router = APIRouter(tags=["operation"])


class HealthJson(BaseModel):
    """Whether all is well, and in sentences for people what is not."""

    ok: bool
    problems: list[str]


@router.get("/metrics", response_class=Response, responses={200: {"content": {CONTENT_TYPE_PLAIN_0_0_4: {}}}})
def metrics(control: Running) -> Response:
    """Show the metrics in the text format of Prometheus."""
    return Response(generate_latest(control.registry), headers={"Content-Type": CONTENT_TYPE_PLAIN_0_0_4})


@router.get("/healthz", responses=UNWELL)
def is_alive(response: Response, control: Running) -> HealthJson:
    """Tell whether the program works."""
    health = control.health()
    return _answer(response, health.problems, ok=health.alive)


@router.get("/readyz", responses=UNWELL)
def is_ready(response: Response, control: Running) -> HealthJson:
    """Tell whether the model is warm and at least one stream was tried."""
    health = control.health()
    return _answer(response, health.problems, ok=health.ready)


def _answer(response: Response, problems: tuple[str, ...], *, ok: bool) -> HealthJson:
    response.status_code = HTTPStatus.OK if ok else HTTPStatus.SERVICE_UNAVAILABLE
    return HealthJson(ok=ok, problems=[] if ok else list(problems))
