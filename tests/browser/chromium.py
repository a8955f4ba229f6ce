"""A headless Chromium that plays one video and says what it saw."""

import json
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from typing import Any

from tests.machine import require_system

REPORT_TIMEOUT_S = 60.0
PLAYBACK_RATE = 4

PAGE = """<!doctype html><video muted></video><script>
const video = document.querySelector("video");
const report = (ending) => fetch("/report", {method: "POST", body: JSON.stringify({
  ending, error: video.error && video.error.message, duration_s: video.duration,
  width: video.videoWidth, height: video.videoHeight, frames: video.getVideoPlaybackQuality().totalVideoFrames,
})});
video.onended = () => report("ended");
video.onerror = () => report("error");
video.src = "VIDEO";
video.playbackRate = RATE;
video.play().catch(() => report("refused"));
</script>"""

OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--autoplay-policy=no-user-gesture-required",
)


def play(video: Path, profile: Path) -> dict[str, Any]:
    """Return what Chromium reports of `video` at its end: ending, error, duration_s, width, height, frames.

    `profile` is an empty folder for the browser's own files.
    """
    chromium = require_system("chromium")
    reports: Queue[dict[str, Any]] = Queue()
    with _served(video, reports) as url:
        command = [chromium, *OPTIONS, f"--user-data-dir={profile}", "--remote-debugging-port=0", url]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as browser:
            try:
                return reports.get(timeout=REPORT_TIMEOUT_S)
            finally:
                browser.kill()


class _Handler(SimpleHTTPRequestHandler):
    """Serves the page, the video, and takes the report."""

    def __init__(self, video: Path, reports: "Queue[dict[str, Any]]", *args: Any) -> None:
        self._video, self._reports = video, reports
        super().__init__(*args, directory=str(video.parent))

    def do_GET(self) -> None:
        if self.path != "/":
            super().do_GET()
            return
        page = PAGE.replace("VIDEO", self._video.name).replace("RATE", str(PLAYBACK_RATE)).encode()
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(page)

    def do_POST(self) -> None:
        self._reports.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(HTTPStatus.NO_CONTENT)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def _served(video: Path, reports: "Queue[dict[str, Any]]") -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, video, reports)) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()
