"""The HTTP service answers whatever its OpenAPI allows, and forbids, as that says: schemathesis makes the requests."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
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
from tests import running_service
from tests.running_service import RunningService
from tests.service import PATH, PATIENCE_S, TOKEN, ScriptedControl, Show, served, service_config, stream_status

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
    # What is in a file is no matter of the interface: every text is some file's content, and few are pictures.
    return [negative_data_rejection, positive_data_acceptance] if is_upload(path) else []


@pytest.mark.slow
@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
def test_every_answer_is_one_that_is_described(mode: GenerationMode) -> None:
    with served(a_control(), service_config(PLENTY)) as client:
        assert ask_all(f"http://127.0.0.1:{client.port}", TOKEN, mode) > 50


@pytest.mark.slow
def test_so_are_those_of_a_real_service(tmp_path: Path) -> None:
    config: dict[str, Any] = {"streams": [], "state_file": None, "http": PLENTY}
    with RunningService(tmp_path, config) as running:
        running.wait_for_line("is ready")
        assert sum(ask_all(running.url, running_service.TOKEN, mode) for mode in GenerationMode) > 100


def ask_all(url: str, token: str, mode: GenerationMode) -> int:
    """Make requests to every operation of the service at `url`, and return how many were."""
    schema = schemathesis.openapi.from_url(f"{url}/openapi.json")
    headers = {"Authorization": f"Bearer {token}"}
    asked = 0
    for path, method, description in operations(schema.raw_schema):
        if checked(path, description, mode):
            asked += ask(schema[path][method], mode, {"headers": headers, "excluded_checks": excluded_of(path, method)})
    return asked


def ask(operation: Any, mode: GenerationMode, way: Mapping[str, Any]) -> int:
    """Make requests that way, and return how many were."""
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
        case.call_and_validate(timeout=PATIENCE_S, **way)

    ask_once()
    return asked
