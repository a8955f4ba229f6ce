"""A receiver of webhooks with faults on command, on this machine alone."""

import queue
import ssl
import threading
from dataclasses import dataclass
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

HANG, CUT = 0, -1
"""Instead of a status: answer only when released; close the connection without an answer."""

PATIENCE_S = 30.0


@dataclass(frozen=True, slots=True)
class Request:
    path: str
    headers: Message
    body: bytes


class HttpReceiver:
    """Answers POSTs with the statuses told beforehand, then with 204; use it as a context.

    `close` refuses connections from then on; `reopen` listens again on the same port.
    """

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        self._faults: queue.SimpleQueue[int] = queue.SimpleQueue()
        self._requests: queue.SimpleQueue[Request] = queue.SimpleQueue()
        self.release = threading.Event()
        self.port = 0
        self.reopen()

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}/hooks/s3cret-path?token=s3cret-token"

    def answer(self, *statuses: int) -> None:
        for status in statuses:
            self._faults.put(status)

    def next_request(self) -> Request:
        """Return the oldest request that was not looked at yet, waiting for one."""
        return self._requests.get(timeout=PATIENCE_S)

    def has_more(self) -> bool:
        return not self._requests.empty()

    def reopen(self) -> None:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                receiver._serve(self)

            def log_message(self, *_: object) -> None:
                """Keep the test's output clean."""

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self.port = self._server.server_port
        if self._tls:
            self._server.socket = self._tls.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), name="http-receiver")
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self.release.set()
        self._server.server_close()
        self._thread.join()
        self.release.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _serve(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        status = 204 if self._faults.empty() else self._faults.get()
        self._requests.put(Request(handler.path, handler.headers, body))
        if status == HANG:
            self.release.wait(PATIENCE_S)
        handler.close_connection = True
        if status > 0:
            handler.send_response(status)
            handler.send_header("Content-Length", "0")
            if 300 <= status < 400:
                handler.send_header("Location", "/elsewhere")
            handler.end_headers()
