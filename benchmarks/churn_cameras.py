"""The cameras of the churn in a process of their own, and a receiver of alerts: `python -m benchmarks.churn_cameras`.

It prints the addresses as a line of JSON, then answers each line of its standard input, `hang up`, when it has hung up
on every viewer of the steady cameras; the end of the input ends it.
"""

import argparse
import json
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from benchmarks.live_cameras import Cameras
from benchmarks.live_scene import PICTURES, passers_by
from benchmarks.rtsp.auth import Credentials
from benchmarks.rtsp.camera import Camera
from benchmarks.rtsp.clip import ClipFormat
from benchmarks.rtsp.server import RtspServer

SMALL = ClipFormat(320, 180, frames_per_s=10, frame_count=PICTURES, key_every=5, scene=passers_by, preset="veryfast")
HANG_UP = "hang up"
UNUSED_PORT = 9
"""The discard service, which nobody runs."""


def cameras(steady: int) -> Cameras:
    """Return the other end of such a process; the steady cameras are `steady-1` and on, see `_visited` for the rest."""
    return Cameras(steady, "benchmarks.churn_cameras")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.churn_cameras", description=__doc__)
    parser.add_argument("--sound", type=int, default=8, help="cameras whose viewers are hung up on [%(default)s]")
    options = parser.parse_args(arguments)
    names = [f"steady-{number}" for number in range(1, options.sound + 1)]
    with ExitStack() as stack:
        steady = stack.enter_context(RtspServer({name: Camera(SMALL) for name in names}))
        urls = {name: steady.url(name) for name in names}
        print(json.dumps({**urls, **stack.enter_context(_visited())}), flush=True)
        for line in sys.stdin:
            steady.hang_up()
            print(line.strip(), flush=True)


@contextmanager
def _visited() -> Iterator[dict[str, str]]:
    """Serve what streams that come and go are made of: a camera, and addresses that never become live."""
    camera, login = Camera(SMALL), Credentials("viewer", "hunter22")
    with RtspServer({"cam": camera}) as server, RtspServer({}, login) as guarded, RtspServer({}) as mute:
        mute.mute()
        with _receiver() as webhook:
            yield {
                "visited": server.url("cam"),
                "missing": server.url("gone"),
                "guarded": guarded.url("cam", with_credentials=False),
                "mute": mute.url("cam"),
                "dead": f"rtsp://127.0.0.1:{UNUSED_PORT}/cam",
                "webhook": webhook,
            }


class _Receiver(BaseHTTPRequestHandler):
    """Takes every alert."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def _receiver() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Receiver) as server:
        thread = threading.Thread(target=server.serve_forever, name="webhook")
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/alerts"
        finally:
            server.shutdown()
            thread.join()


if __name__ == "__main__":
    main()
