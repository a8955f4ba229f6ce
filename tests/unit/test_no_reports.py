"""The libraries that run the models tell nobody of it."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.models import tiny_model

RUN_BOTH = """
import sys
from pathlib import Path
import numpy as np
{first}
from pipeline.inference.mediapipe_detector import SHORT_RANGE, MediaPipeDetector
from pipeline.inference.onnx_classifier import open_classifier
classifier = open_classifier(Path(sys.argv[1]))
detector = MediaPipeDetector(SHORT_RANGE, 0.5)
detector.detect(np.zeros((128, 128, 3), np.uint8))
detector.close()
"""


@contextmanager
def proxy(asked: list[str]) -> Iterator[str]:
    """Serve as a proxy that refuses everybody, and say whom they wanted to reach."""

    class Handler(BaseHTTPRequestHandler):
        def do_CONNECT(self) -> None:
            asked.append(self.path)
            self.send_error(403)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), name="proxy")
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def run(tmp_path: Path, program: str) -> tuple[list[str], list[str]]:
    """Return whom a program wanted to reach, and the files that it left in a home and a folder of its own."""
    home, asked = tmp_path / "home", list[str]()
    home.mkdir()
    with proxy(asked) as address:
        changed = {"HOME": str(home), "TMPDIR": str(home), "https_proxy": address, "MPLCONFIGDIR": str(tmp_path)}
        environment = {key: value for key, value in os.environ.items() if key not in ("CI", "XDG_CACHE_HOME")}
        words = [sys.executable, "-c", program, str(tiny_model(tmp_path))]
        subprocess.run(words, env=environment | changed, check=True, capture_output=True, timeout=120)
    return asked, [path.name for path in home.rglob("*") if path.is_file()]


@pytest.mark.parametrize("first", ["", "import exporters.quantization", "import benchmarks.environment"])
def test_nobody_is_told_and_no_identifier_is_kept(tmp_path: Path, first: str) -> None:
    assert run(tmp_path, RUN_BOTH.format(first=first)) == ([], [])


def test_left_alone_they_tell(tmp_path: Path) -> None:
    alone = "import pipeline.inference, os; del os.environ['ORT_DISABLE_TELEMETRY']; os.environ['https_proxy'] = PROXY"
    told = f"import os; PROXY = os.environ['https_proxy']; {alone}"
    asked, left = run(tmp_path, RUN_BOTH.format(first=told))
    assert "play.googleapis.com:443" in asked
    assert ".ses" in left


def test_downloads_go_as_the_user_says(tmp_path: Path) -> None:
    program = """
import contextlib, urllib.request
from pipeline.inference.no_reports import downloads_allowed
with contextlib.suppress(OSError), downloads_allowed():
    urllib.request.urlopen("https://camera.example/")
"""
    assert run(tmp_path, program) == (["camera.example:443"], [])
