"""Who may see and who may change."""

import pytest

from pipeline.config.schema import Config
from pipeline.stream_status import Owner
from tests.service import BEARER, PATH, TOKEN, ScriptedControl, basic, served, service_config, stream_status

VIEWS = ["/", "/live", "/metrics", "/openapi.json", PATH, f"{PATH}/door", f"{PATH}/nobody", "/nowhere"]
CHANGES = [
    ("POST", PATH),
    ("PUT", f"{PATH}/door"),
    ("DELETE", f"{PATH}/door"),
    ("POST", f"{PATH}/door/pause"),
    ("POST", f"{PATH}/door/resume"),
    ("PATCH", "/nowhere"),
]
EVERYWHERE: dict[str, object] = {"bind_address": "0.0.0.0"}


def a_control() -> ScriptedControl:
    return ScriptedControl({"door": stream_status("door", Owner.REST)})


@pytest.mark.parametrize("headers", [{}, basic(TOKEN), {"Authorization": "Bearer wrong"}, {"Authorization": TOKEN}])
def test_a_change_without_the_token_is_refused(headers: dict[str, str]) -> None:
    control = a_control()
    with served(control) as client:
        answers = [client.ask(method, path, headers) for method, path in CHANGES]
    for answer in answers:
        assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, 'Bearer realm="maskstream"')
        assert "Authorization: Bearer TOKEN" in answer.detail
        assert TOKEN.encode() not in answer.body
    assert (control.known, control.given) == (a_control().known, [])


def test_without_a_token_in_the_configuration_nothing_changes() -> None:
    config = Config.model_validate({"streams": [], "http": {"port": 0}})
    with served(a_control(), config) as client:
        answers = [client.ask(method, path, BEARER) for method, path in CHANGES]
        assert client.get(PATH).status == 200
    assert [answer.status for answer in answers] == [403] * len(CHANGES)
    assert "set http.token" in answers[0].detail


def test_the_token_changes() -> None:
    control = a_control()
    with served(control) as client:
        answer = client.ask("DELETE", f"{PATH}/door", BEARER)
    assert (answer.status, answer.body, control.known) == (204, b"", {})


def test_a_view_elsewhere_needs_the_token() -> None:
    with served(a_control(), service_config(EVERYWHERE)) as client:
        answers = [client.get(path) for path in VIEWS]
        health = [client.get(path) for path in ("/healthz", "/readyz")]
    assert [answer.status for answer in answers] == [401] * len(VIEWS)
    assert answers[0].headers.get_all("WWW-Authenticate") == [
        'Bearer realm="maskstream"',
        'Basic realm="maskstream", charset="UTF-8"',
    ]
    assert [answer.status for answer in health] == [200, 200]


def test_a_view_elsewhere_takes_the_token_in_two_ways() -> None:
    right = [BEARER, basic(TOKEN), basic(TOKEN, user=""), {"Authorization": f"bearer {TOKEN}"}]
    wrong = [
        basic("wrong"),
        {"Authorization": "Basic !"},
        {"Authorization": "Basic \xfc"},
        {"Authorization": "Bearer"},
        {"Authorization": f"Bearer {TOKEN}x"},
        {"Authorization": f"Digest {TOKEN}"},
    ]
    with served(a_control(), service_config(EVERYWHERE)) as client:
        assert [client.get(PATH, headers).status for headers in right] == [200] * len(right)
        assert [client.get(PATH, headers).status for headers in wrong] == [401] * len(wrong)


def test_a_host_does_not_make_a_path_of_health() -> None:
    with served(a_control(), service_config(EVERYWHERE)) as client:
        assert client.get(PATH, {"Host": "x/healthz?"}).status == 401


def test_this_machine_is_known_by_its_own_names_alone() -> None:
    right = ["127.0.0.1", "127.0.0.1:1", "localhost:8080", "LOCALHOST", "[::1]:80"]
    wrong = ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80", "", "::1", "127.0.0.1:x"]
    with served(a_control()) as client:
        for path in (PATH, "/live", "/healthz"):
            assert [client.get(path, {"Host": host}).status for host in right] == [200] * len(right)
            refused = [client.get(path, {"Host": host, **BEARER}) for host in wrong]
            assert [answer.status for answer in refused] == [421] * len(wrong)
    assert "127.0.0.1" in refused[0].detail


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://127.0.0.1"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1.evil.example"},
    ],
)
def test_a_page_of_another_site_changes_and_sends_nothing(headers: dict[str, str]) -> None:
    control = a_control()
    with served(control) as client:
        paths = [f"{PATH}/door/pause", "/api/v1/predict", "/api/v1/clips", "/login", "/logout"]
        answers = [client.ask("POST", path, {**BEARER, **headers}) for path in paths]
        assert client.get(PATH, headers).status == 200
    assert [answer.status for answer in answers] == [403] * len(paths)
    assert answers[0].detail == "a page of another site asks for this, and may not"
    assert control.known == a_control().known


def test_a_page_of_this_site_may() -> None:
    with served(a_control()) as client:
        here = f"http://127.0.0.1:{client.port}"
        for headers in (
            {"Origin": here},
            {"Origin": here, "Sec-Fetch-Site": "same-origin"},
            {"Sec-Fetch-Site": "none"},
        ):
            assert client.ask("POST", f"{PATH}/door/pause", {**BEARER, **headers}).status == 200


def test_uploads_need_what_views_need() -> None:
    with served(a_control()) as here, served(a_control(), service_config(EVERYWHERE)) as elsewhere:
        for method, path in (("POST", "/api/v1/predict"), ("POST", "/api/v1/clips"), ("DELETE", "/api/v1/clips/x")):
            assert here.ask(method, path).status not in {401, 403}
            assert elsewhere.ask(method, path).status == 401
            assert elsewhere.ask(method, path, basic(TOKEN)).status not in {401, 403}
        assert here.ask("POST", "/api/v1/predict/x").status == 401


def test_assets_are_open_and_nothing_beside_them() -> None:
    with served(a_control(), service_config(EVERYWHERE)) as client:
        assert client.get("/assets/nothing").status == 404
        assert client.get("/assetsx").status == 401
        assert client.get("/login/x").status == 401
