"""The HTTP service answers whatever its OpenAPI allows, and forbids, as that says: schemathesis makes the requests."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import CheckFunction, GenerationMode
from schemathesis.checks import negative_data_rejection, positive_data_acceptance

from pipeline.jpeg import Jpeg
from pipeline.service.openapi import operations
from pipeline.service.paths import is_upload
from pipeline.stream_status import Owner
from tests.service import BEARER, PATH, PATIENCE_S, ScriptedControl, Show, served, service_config, stream_status

MAX_EXAMPLES = 8
PLENTY: dict[str, object] = {
    "rest_url_hosts": ["10.0.7.0/24"],
    "max_requests_per_minute": 1_000_000,
    "max_uploads_per_minute": 1_000_000,
}
ENDLESS = {f"{PATH}/{{stream}}/preview", "/api/v1/events"}
"""They answer until somebody leaves; test_service_pictures and test_service_events do."""

MORE_THAN_A_SCHEMA_SAYS = {("post", PATH), ("put", f"{PATH}/{{stream}}")}
"""A URL has a scheme and a host that the configuration allows, and an overlay fits its detector."""


@dataclass
class Generous(ScriptedControl):
    """Has a picture for every watcher at once."""

    picture: Jpeg = field(default_factory=lambda: Jpeg(b"picture", 1, None))

    def watch(self, stream: str, on_picture: Show) -> Callable[[], None]:
        leave = super().watch(stream, on_picture)
        on_picture(self.picture)
        return leave


def a_control() -> Generous:
    return Generous({"door": stream_status("door", Owner.REST), "yard": stream_status("yard")})


def checked(path: str, description: dict[str, Any], mode: GenerationMode) -> bool:
    """Tell whether requests of that kind can be made: not wrong ones where nothing but texts is asked for."""
    if path in ENDLESS:
        return False
    kinds = {parameter["schema"].get("type") for parameter in description.get("parameters", ())}
    return mode is GenerationMode.POSITIVE or "requestBody" in description or bool(kinds - {"string"})


def excluded_of(path: str, method: str) -> list[CheckFunction]:
    if (method, path) in MORE_THAN_A_SCHEMA_SAYS:
        return [positive_data_acceptance]
    # What is in a file is no matter of the interface, and every text is some file's content.
    return [negative_data_rejection] if is_upload(path) else []


@pytest.mark.slow
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=lambda mode: mode.value)
def test_every_answer_is_one_that_is_described(mode: GenerationMode, caplog: pytest.LogCaptureFixture) -> None:
    asked = 0
    with caplog.at_level("ERROR"), served(a_control(), service_config(PLENTY)) as client:
        schema = schemathesis.openapi.from_url(f"http://127.0.0.1:{client.port}/openapi.json")
        for path, method, description in operations(client.get("/openapi.json").json()):
            if checked(path, description, mode):
                asked += ask(schema[path][method], mode, excluded_of(path, method))
    assert asked > 50


def ask(operation: Any, mode: GenerationMode, excluded: list[CheckFunction]) -> int:
    """Make requests, and return how many were."""
    asked = 0

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=MAX_EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def ask_once(case: Any) -> None:
        nonlocal asked
        asked += 1
        case.call_and_validate(headers=BEARER, timeout=PATIENCE_S, excluded_checks=excluded)

    ask_once()
    return asked
