"""What machines ask: metrics, health, and the description of the interface."""

import threading

import pytest
from prometheus_client import Gauge
from prometheus_client.parser import text_string_to_metric_families

from pipeline.config.streams import StreamConfig
from pipeline.service.control import Health
from pipeline.service.server import MAX_THREADS
from tests.service import PATH, ScriptedControl, served

REQUESTS = 200


def test_metrics_are_those_of_the_registry() -> None:
    control = ScriptedControl()
    Gauge("maskstream_stream_up", "Whether it is live.", ["stream"], registry=control.registry).labels("door").set(1)
    with served(control) as client:
        answer = client.get("/metrics")
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    (family,) = text_string_to_metric_families(answer.body.decode())
    assert [(sample.labels, sample.value) for sample in family.samples] == [({"stream": "door"}, 1.0)]


@pytest.mark.parametrize(
    ("health", "alive", "ready"),
    [
        (Health(alive=True, ready=True), 200, 200),
        (Health(alive=True, ready=False, problems=("the model is not warm",)), 200, 503),
        (Health(alive=False, ready=False, problems=("a worker can't be started",)), 503, 503),
    ],
)
def test_health_says_what_is_lacking(health: Health, alive: int, ready: int) -> None:
    with served(ScriptedControl(well=health)) as client:
        answers = client.get("/healthz"), client.get("/readyz")
    assert [answer.status for answer in answers] == [alive, ready]
    assert [answer.json() for answer in answers] == [
        {"ok": status == 200, "problems": [] if status == 200 else list(health.problems)} for status in (alive, ready)
    ]


def test_every_answer_keeps_browsers_strict() -> None:
    with served(ScriptedControl()) as client:
        for path in (PATH, "/metrics", "/healthz", "/nowhere", "/live"):
            headers = client.get(path).headers
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert headers["Cache-Control"] == "no-store"
            assert headers["Referrer-Policy"] == "same-origin"
            assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
            assert headers["X-Frame-Options"] == "DENY"
            assert "camera=()" in headers["Permissions-Policy"]
            assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
            assert headers["Content-Security-Policy"].startswith("default-src 'none'")
            assert headers["Server"] is None
        assert "camera=(self), microphone=()" in client.get("/").headers["Permissions-Policy"]


def test_the_interface_describes_itself() -> None:
    with served(ScriptedControl()) as client:
        described = client.get("/openapi.json").json()
    schemas = described["components"]["schemas"]
    assert schemas["StreamConfig"]["properties"].keys() == StreamConfig.model_fields.keys()
    assert {
        "StreamJson",
        "StreamsJson",
        "Problem",
        "FilesProblem",
        "HealthJson",
        "Recording",
        "VerdictEventJson",
    } <= schemas.keys()
    assert described["paths"].keys() >= {PATH, f"{PATH}/{{stream}}", f"{PATH}/{{stream}}/preview", "/metrics"}
    references = set(find_references(described))
    assert references <= {f"#/components/schemas/{name}" for name in schemas}


def find_references(value: object) -> list[str]:
    if isinstance(value, list):
        return [found for item in value for found in find_references(item)]
    if not isinstance(value, dict):
        return []
    own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
    return own + [found for item in value.values() for found in find_references(item)]


def test_requests_leave_few_threads_while_it_runs_and_none_after() -> None:
    before = threading.active_count()
    with served(ScriptedControl()) as client:
        for _ in range(REQUESTS):
            assert client.get(PATH).status == 200
        assert threading.active_count() <= before + 1 + MAX_THREADS
