"""A web server that answers each path as a test says, and remembers who asked for what."""

import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self, TypeAlias

from benchmarks.rtsp.auth import Credentials

Answer: TypeAlias = Callable[[BaseHTTPRequestHandler], object]


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: its path, and what it said of its login, empty where nothing."""

    path: str
    authorization: str


class HttpSite:
    """Serves `answers` by path, `/` leading and queries included, while the context lasts; others are not found."""

    def __init__(
        self, answers: Mapping[str, Answer], address: str = "127.0.0.1", tls: ssl.SSLContext | None = None
    ) -> None:
        self.answers = dict(answers)
        self.asked: list[Asked] = []
        self._is_encrypted = tls is not None
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked.append(Asked(self.path, self.headers.get("Authorization", "")))
                site.answers.get(self.path, status(404))(self)

            def log_message(self, *_: object) -> None:
                """Keep the test's output clean."""

        self._server = _Server((address, 0), Handler)
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), name="http-site")

    def url(self, path: str, login: str = "") -> str:
        host, port = self._server.server_address[:2]
        return f"{'https' if self._is_encrypted else 'http'}://{login and login + '@'}{host!s}:{port}{path}"

    def paths(self) -> list[str]:
        return [asked.path for asked in self.asked]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """Say nothing of clients that hang up: the tests' ones do."""


def content(body: bytes, content_type: str = "application/octet-stream") -> Answer:
    """Answer with `body`."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", content_type)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def status(code: int, headers: Mapping[str, str] | None = None) -> Answer:
    """Answer with a status alone."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(code)
        for name, value in (headers or {}).items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return answer


def redirect(location: str, headers: Mapping[str, str] | None = None) -> Answer:
    return status(302, {"Location": location, **(headers or {})})


def behind_login(credentials: Credentials, answer: Answer) -> Answer:
    """Answer those alone who prove the password, with the credentials' own scheme."""
    refuse = status(401, {"WWW-Authenticate": credentials.challenge})

    def answer_who_is_known(handler: BaseHTTPRequestHandler) -> None:
        is_known = credentials.allow("GET", handler.headers.get("Authorization", ""))
        (answer if is_known else refuse)(handler)

    return answer_who_is_known
