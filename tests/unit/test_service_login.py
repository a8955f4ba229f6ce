"""Signing in and out."""

import http.cookies
import logging
from functools import partial
from urllib.parse import urlencode

import pytest

from pipeline.service.forms import MAX_FORM_BYTES
from pipeline.service.password import hash_password
from pipeline.service.rates import Rates
from pipeline.service.sign_in import TRIES_PER_MINUTE
from pipeline.stream_status import Owner
from tests.service import BEARER, PATH, TOKEN, Answer, Client, ScriptedControl, served, service_config, stream_status

PASSWORD = "correct horse battery staple"
PAGE = {"Accept": "text/html,application/xhtml+xml"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
ELSEWHERE: dict[str, object] = {"bind_address": "0.0.0.0"}


def a_control() -> ScriptedControl:
    return ScriptedControl({"door": stream_status("door", Owner.REST)})


def sign_in(client: Client, password: str = TOKEN, **headers: str) -> Answer:
    return client.ask("POST", "/login", {**FORM, **headers}, urlencode({"password": password}).encode())


def cookie_of(answer: Answer) -> dict[str, str]:
    """Return the header by which a browser shows that it has signed in."""
    (morsel,) = http.cookies.SimpleCookie(answer.headers["Set-Cookie"]).values()
    return {"Cookie": f"{morsel.key}={morsel.value}"}


def test_a_session_looks_and_changes_where_its_page_asks() -> None:
    control = a_control()
    with served(control, service_config(ELSEWHERE)) as client:
        assert client.get(PATH).status == 401
        answer = sign_in(client)
        cookie, csrf = cookie_of(answer), {"X-CSRF-Token": answer.json()["csrf"]}
        assert client.get(PATH, cookie).status == 200
        assert client.get("/api/v1/session", cookie).json() == answer.json()
        assert client.ask("POST", f"{PATH}/door/pause", {**cookie, **csrf}).status == 200
        refused = [client.ask("DELETE", f"{PATH}/door", {**cookie, "X-CSRF-Token": text}) for text in ("", "x", "\xfc")]
        assert [answer.status for answer in refused] == [403] * 3
        assert client.ask("DELETE", f"{PATH}/door", cookie).status == 403
        assert client.ask("DELETE", f"{PATH}/door", csrf).status == 401
    assert "X-CSRF-Token" in refused[0].detail
    assert control.known.keys() == {"door"}


def test_what_one_session_shows_is_nothing_to_another() -> None:
    with served(a_control()) as client:
        first, second = sign_in(client), sign_in(client)
        mixed = {**cookie_of(first), "X-CSRF-Token": second.json()["csrf"]}
        assert client.ask("DELETE", f"{PATH}/door", mixed).status == 403


def test_the_cookie_is_kept_from_scripts_and_other_sites() -> None:
    with served(a_control()) as client:
        (morsel,) = http.cookies.SimpleCookie(sign_in(client).headers["Set-Cookie"]).values()
    assert (morsel["httponly"], morsel["samesite"], morsel["path"]) == (True, "strict", "/")
    assert (morsel["secure"], morsel["domain"]) == ("", "")


def test_behind_tls_the_cookie_is_for_tls_alone() -> None:
    proxied = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.7"}
    with served(a_control(), service_config({"proxies": ["127.0.0.1"]})) as client:
        answer = sign_in(client, Host="cameras.example", Origin="https://cameras.example", **proxied)
    assert "; Secure" in answer.headers["Set-Cookie"]


def test_a_proxy_that_is_not_named_is_not_believed() -> None:
    with served(a_control()) as client:
        assert "Secure" not in sign_in(client, **{"X-Forwarded-Proto": "https"}).headers["Set-Cookie"]


def test_behind_a_proxy_of_this_machine_views_need_a_sign_in_too() -> None:
    with served(a_control(), service_config({"proxies": ["127.0.0.1"]})) as client:
        views = [client.get(path, {"Host": "cameras.example"}) for path in (PATH, "/live", "/metrics")]
        assert client.get(PATH, {"Host": "cameras.example", **BEARER}).status == 200
    assert [view.status for view in views] == [401] * 3


def test_who_signs_out_is_nobody_any_more() -> None:
    with served(a_control(), service_config(ELSEWHERE)) as client:
        cookie = cookie_of(sign_in(client))
        answer = client.ask("POST", "/logout", cookie)
        assert answer.status == 204
        assert "Max-Age=0" in answer.headers["Set-Cookie"]
        assert client.get(PATH, cookie).status == 401
        assert client.ask("POST", "/logout", cookie).status == 204


def test_a_second_sign_in_ends_the_first_of_that_browser() -> None:
    with served(a_control(), service_config(ELSEWHERE)) as client:
        first = cookie_of(sign_in(client))
        second = cookie_of(sign_in(client, **first))
        assert [client.get(PATH, cookie).status for cookie in (first, second)] == [401, 200]


@pytest.mark.parametrize(
    ("asked", "led"),
    [
        ("/live/door?x=1", "/live/door?x=1"),
        ("", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example", "/"),
        ("/live\r\nSet-Cookie: a=b", "/"),
        ("javascript:alert(1)", "/"),
    ],
)
def test_a_browser_goes_on_to_where_it_was_on_this_site(asked: str, led: str) -> None:
    body = urlencode({"password": TOKEN, "next": asked}).encode()
    with served(a_control()) as client:
        answer = client.ask("POST", "/login", {**FORM, **PAGE}, body)
    assert (answer.status, answer.headers["Location"]) == (303, led)
    assert "maskstream_session=" in answer.headers["Set-Cookie"]


def test_a_browser_goes_back_to_the_form_after_a_wrong_password() -> None:
    body = urlencode({"password": "wrong", "next": "/live"}).encode()
    with served(a_control()) as client:
        answer = client.ask("POST", "/login", {**FORM, **PAGE}, body)
        left = client.ask("POST", "/logout", PAGE)
    assert (answer.status, answer.headers["Location"]) == (303, "/login?error=wrong&next=%2Flive")
    assert answer.headers["Set-Cookie"] is None
    assert (left.status, left.headers["Location"]) == (303, "/")


def test_a_browser_elsewhere_is_led_to_the_form() -> None:
    with served(a_control(), service_config(ELSEWHERE)) as client:
        page = client.get("/live/a%20b?x=1", PAGE)
        program = client.get("/live")
        form = client.get("/login", PAGE)
    assert (page.status, page.headers["Location"]) == (303, "/login?next=/live/a%20b")
    assert program.status == 401
    assert form.status != 401
    assert form.status != 303


def test_who_signed_in_on_our_page_is_not_asked_by_the_browser_later() -> None:
    with served(a_control(), service_config(ELSEWHERE)) as client:
        by_cookie = client.get(PATH, {"Cookie": "maskstream_session=old"})
        by_script = client.get(PATH, {"Sec-Fetch-Mode": "cors"})
    for answer in (by_cookie, by_script):
        assert answer.headers.get_all("WWW-Authenticate") == ['Bearer realm="maskstream"']


def test_with_a_hash_its_password_signs_in_and_the_token_does_not() -> None:
    config = service_config({"password_hash": hash_password(PASSWORD)})
    with served(a_control(), config) as client:
        assert [sign_in(client, password).status for password in (PASSWORD, TOKEN, "", PASSWORD + " ")] == [
            200,
            401,
            401,
            401,
        ]


def test_with_a_hash_alone_people_change_and_nobody_else() -> None:
    config = service_config({"token": None, "password_hash": hash_password(PASSWORD), **ELSEWHERE})
    with served(a_control(), config) as client:
        unknown = client.get(PATH)
        answer = sign_in(client, PASSWORD)
        headers = {**cookie_of(answer), "X-CSRF-Token": answer.json()["csrf"]}
        assert client.ask("DELETE", f"{PATH}/door", BEARER).status == 401
        assert client.ask("DELETE", f"{PATH}/door", headers).status == 204
    assert unknown.headers.get_all("WWW-Authenticate") == ['Bearer realm="maskstream"']


def test_without_a_password_nobody_signs_in() -> None:
    with served(a_control(), service_config({"token": None})) as client:
        answer = sign_in(client, "")
        assert client.get("/api/v1/session").json() == {"signed_in": False, "can_change": False, "csrf": None}
    assert answer.status == 403
    assert "http.password_hash" in answer.detail


def test_tries_are_few_and_the_right_password_must_wait_as_well(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.service.sign_in.Rates", partial(Rates, now=lambda: 0.0))
    with caplog.at_level(logging.WARNING), served(a_control()) as client:
        wrong = [sign_in(client, "wrong") for _ in range(TRIES_PER_MINUTE)]
        late = sign_in(client)
        page = client.ask("POST", "/login", {**FORM, **PAGE}, b"password=wrong")
    assert [answer.status for answer in wrong] == [401] * TRIES_PER_MINUTE
    assert (late.status, late.headers["Retry-After"]) == (429, "12")
    assert page.headers["Location"] == "/login?error=busy&next=%2F"
    messages = [record.getMessage() for record in caplog.records]
    assert messages == ["a sign-in from 127.0.0.1 with a wrong password"] * TRIES_PER_MINUTE


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"password=%ff", 400), (b"&".join([b"a=b"] * 20), 400), (b"x" * (MAX_FORM_BYTES + 1), 413), (b"", 401)],
)
def test_a_form_that_is_none_is_refused(body: bytes, status: int) -> None:
    with served(a_control()) as client:
        assert client.ask("POST", "/login", FORM, body).status == status
        assert client.ask("POST", "/login", {"Content-Type": "application/json"}, b"{}").status == 415


def test_the_token_changes_without_a_session() -> None:
    with served(a_control()) as client:
        assert client.get("/api/v1/session", BEARER).json() == {"signed_in": False, "can_change": True, "csrf": None}
        assert client.get("/api/v1/session").json() == {"signed_in": False, "can_change": False, "csrf": None}
