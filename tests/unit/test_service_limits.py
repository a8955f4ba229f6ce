"""What one address may have of the service."""

from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial

import pytest
from starlette.types import Scope

from pipeline.service.rates import Rates
from pipeline.service.visitor import address_of
from tests.service import PATH, Client, ScriptedControl, served, service_config, stream_status

PREVIEW = f"{PATH}/door/preview"
UPLOAD = ("POST", "/api/v1/predict")


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    """A client of a service for which no time goes by."""
    monkeypatch.setattr("pipeline.service.limits.Rates", partial(Rates, now=lambda: 0.0))
    control = ScriptedControl({"door": stream_status("door")})
    few: dict[str, object] = {"max_requests_per_minute": 60, "max_requests_at_once": 8, "max_uploads_per_minute": 3}
    with served(control, service_config(few)) as client:
        yield client


def test_too_many_requests_are_told_when_to_come_back(client: Client) -> None:
    statuses = [client.get(PATH).status for _ in range(60)]
    late = client.get(PATH)
    assert statuses == [200] * 60
    assert (late.status, late.headers["Retry-After"]) == (429, "1")
    assert late.detail == "one address may have 60 requests a minute; come back in 1 s"
    assert late.headers["X-Content-Type-Options"] == "nosniff"


def test_health_is_always_answered(client: Client) -> None:
    assert {client.get("/healthz").status for _ in range(70)} == {200}


def test_too_many_at_once_are_refused_until_one_ends(client: Client) -> None:
    with ExitStack() as stack:
        answers = [stack.enter_context(client.asking(PREVIEW)) for _ in range(8)]
        refused = client.get(PATH)
        assert {answer.status for answer in answers} == {200}
    assert refused.status == 429
    assert refused.detail == "one address may have 8 requests at once; come back in 1 s"


def test_uploads_have_a_limit_of_their_own(client: Client) -> None:
    statuses = [client.ask(*UPLOAD).status for _ in range(4)]
    assert 429 not in statuses[:3]
    assert statuses[3] == 429
    assert client.get(PATH).status == 200


@pytest.mark.parametrize(
    ("peer", "address"),
    [
        (("192.0.2.7", 1), "192.0.2.7"),
        (("::ffff:192.0.2.7", 1), "192.0.2.7"),
        (("2001:db8:1:2:3:4:5:6", 1), "2001:db8:1:2::/64"),
        (("2001:db8:1:2:ffff::1", 1), "2001:db8:1:2::/64"),
        (("testclient", 1), "testclient"),
        (None, ""),
    ],
)
def test_a_visitor_is_counted_by_address_and_of_version_six_by_network(
    peer: tuple[str, int] | None, address: str
) -> None:
    scope: Scope = {"type": "http", "client": peer}
    assert address_of(scope) == address
