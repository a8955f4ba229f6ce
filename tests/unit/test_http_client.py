"""The client for streams over HTTP keeps to one host, and gives its login to nobody else."""

import socket
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.error import HTTPError

import pytest

from benchmarks.rtsp.auth import Credentials, Scheme
from pipeline.sources.http_client import HTTP_ERRORS, MOST_REDIRECTS, ElsewhereError, HttpClient, UnknownLoginError
from pipeline.sources.interrupt import Interrupt
from pipeline.sources.patience import Patience
from tests.certificates import self_signed
from tests.http_site import HttpSite, behind_login, content, redirect, status

LOGIN = "viewer:hunter22%2F%40"
VIEWER = Credentials("viewer", "hunter22/@")
JOIN_S = 30.0


def client(location: str) -> HttpClient:
    return HttpClient(location, Patience(JOIN_S, Interrupt()))


def body(location: str) -> bytes:
    asking = client(location)
    return asking.get(asking.url).read()


@pytest.fixture
def site() -> Iterator[HttpSite]:
    with HttpSite({"/cam": content(b"picture")}) as serving:
        yield serving


@pytest.fixture
def other_site() -> Iterator[HttpSite]:
    """Another host, which asks for logins."""
    with HttpSite({"/cam": behind_login(VIEWER, content(b"other"))}, "127.0.0.2") as serving:
        yield serving


def test_the_login_is_not_part_of_the_address(site: HttpSite) -> None:
    assert client(site.url("/cam?a=b#c", LOGIN)).url == site.url("/cam?a=b")


@pytest.mark.parametrize("scheme", Scheme)
def test_a_login_is_given_where_it_is_asked_for(site: HttpSite, scheme: Scheme) -> None:
    known = Credentials(VIEWER.user, VIEWER.password, scheme)
    site.answers["/cam"] = behind_login(known, content(b"picture"))
    assert body(site.url("/cam", LOGIN)) == b"picture"
    assert [asked.authorization.partition(" ")[0] for asked in site.asked] == ["", scheme.value]


def test_a_login_is_not_given_unasked(site: HttpSite) -> None:
    assert body(site.url("/cam", LOGIN)) == b"picture"
    assert [asked.authorization for asked in site.asked] == [""]


@pytest.mark.parametrize("scheme", Scheme)
@pytest.mark.parametrize("login", ["", "viewer:wrong"])
def test_a_wrong_login(site: HttpSite, scheme: Scheme, login: str) -> None:
    site.answers["/cam"] = behind_login(Credentials(VIEWER.user, VIEWER.password, scheme), content(b"picture"))
    with pytest.raises((HTTPError, UnknownLoginError)) as caught:
        body(site.url("/cam", login))
    assert getattr(caught.value, "code", 401) == 401


def test_a_login_of_an_unknown_kind(site: HttpSite) -> None:
    site.answers["/cam"] = status(401, {"WWW-Authenticate": "Negotiate"})
    with pytest.raises(UnknownLoginError):
        body(site.url("/cam", LOGIN))


def test_a_redirect_within_the_host_is_followed_and_cookies_kept(site: HttpSite) -> None:
    def where_the_cookie_is(handler: BaseHTTPRequestHandler) -> None:
        has_cookie = handler.headers.get("Cookie") == "id=1"
        (content(b"picture") if has_cookie else status(403))(handler)

    site.answers["/cam"] = redirect("/cam?checked=1", {"Set-Cookie": "id=1"})
    site.answers["/cam?checked=1"] = where_the_cookie_is
    assert body(site.url("/cam")) == b"picture"


def test_a_redirect_to_another_host_is_not_followed(site: HttpSite, other_site: HttpSite) -> None:
    site.answers["/cam"] = redirect(other_site.url("/cam"))
    with pytest.raises(ElsewhereError):
        body(site.url("/cam", LOGIN))
    assert other_site.asked == []


@pytest.mark.parametrize("target", ["file:///etc/passwd", "data:text/plain,x", "ftp://127.0.0.1/x", "//127.0.0.2/x"])
def test_no_redirect_leads_out_of_http(site: HttpSite, target: str) -> None:
    site.answers["/cam"] = redirect(target)
    with pytest.raises(HTTP_ERRORS):
        body(site.url("/cam"))


def test_redirects_in_a_circle_end(site: HttpSite) -> None:
    site.answers["/cam"] = redirect("/cam")
    with pytest.raises(HTTPError):
        body(site.url("/cam"))
    assert len(site.asked) <= MOST_REDIRECTS + 1


def test_another_address_is_not_asked_for(site: HttpSite, other_site: HttpSite) -> None:
    asking = client(site.url("/cam", LOGIN))
    with pytest.raises(ElsewhereError):
        asking.get(other_site.url("/cam"))
    with pytest.raises(HTTP_ERRORS):
        asking.get("file:///etc/passwd")
    assert other_site.asked == []


def test_tls_is_not_left_for_plain_text(tmp_path: Path, site: HttpSite) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(*self_signed(tmp_path))
    answers = {"/cam": content(b"picture"), "/away": redirect(site.url("/cam"))}
    with HttpSite(answers, tls=tls) as encrypted:
        assert body(encrypted.url("/cam")) == b"picture"
        with pytest.raises(ElsewhereError):
            body(encrypted.url("/away"))
    assert site.asked == []


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_an_interrupt_ends_the_wait_for_an_answer(scheme: str) -> None:
    interrupt = Interrupt()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        asking = HttpClient(f"{scheme}://127.0.0.1:{listener.getsockname()[1]}/", Patience(1000.0, interrupt))

        def ask() -> None:
            with pytest.raises(HTTP_ERRORS):
                asking.get(asking.url)

        waiting = threading.Thread(target=ask, name="asking")
        waiting.start()
        connection, _ = listener.accept()
        with connection:
            interrupt.set()
            waiting.join(JOIN_S)
            has_ended = not waiting.is_alive()
    waiting.join()
    assert has_ended
