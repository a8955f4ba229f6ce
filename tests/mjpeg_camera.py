"""A camera that sends JPEGs over HTTP, one after the other, on command."""

import queue
import time
from http.server import BaseHTTPRequestHandler

import cv2

from benchmarks.rtsp.drawn_clock import draw_number
from tests.media import quadrants

BOUNDARY = b"--picture\r\n"


class MjpegCamera:
    """An answer for `HttpSite`: pictures with their numbers drawn in, to one viewer at a time."""

    def __init__(self, *, tells_lengths: bool) -> None:
        self._tells_lengths = tells_lengths
        self._numbers: queue.SimpleQueue[int | None] = queue.SimpleQueue()
        self._is_stopped = False
        self.sent_s: dict[int, float] = {}
        """When each picture was sent."""

    def show(self, *numbers: int) -> None:
        """Send pictures to the viewer, or to the next one."""
        for number in numbers:
            self._numbers.put(number)

    def hang_up(self) -> None:
        self._numbers.put(None)

    def stop(self) -> None:
        """Hang up on all viewers from now on."""
        self._is_stopped = True
        self.hang_up()

    def __call__(self, handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "multipart/x-mixed-replace; boundary=picture")
        handler.end_headers()
        handler.wfile.write(BOUNDARY)
        while (number := self._numbers.get()) is not None:
            self.sent_s[number] = time.monotonic()
            handler.wfile.write(self._part(number))
        if self._is_stopped:
            self.hang_up()

    def _part(self, number: int) -> bytes:
        picture = quadrants(128, 96)
        draw_number(picture, number)
        jpeg = cv2.imencode(".jpg", picture)[1].tobytes()
        length = b"Content-Length: %d\r\n" % len(jpeg) if self._tells_lengths else b""
        return b"Content-Type: image/jpeg\r\n" + length + b"\r\n" + jpeg + b"\r\n" + BOUNDARY
