"""The cameras of the live benchmark in a process of their own: `python -m benchmarks.live_cameras`.

It prints the addresses as a line of JSON, then obeys each line of its standard input, the name of a fault or `heal`,
with the faulty camera, and answers with the line; the end of the input ends it.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Self

from benchmarks.live_scene import PICTURES, passers_by
from benchmarks.rtsp.auth import Credentials
from benchmarks.rtsp.camera import Camera
from benchmarks.rtsp.clip import ClipFormat, encoded
from benchmarks.rtsp.server import RtspServer

USUAL = ClipFormat(640, 360, frame_count=PICTURES, key_every=50, scene=passers_by, preset="veryfast")
LARGER = ClipFormat(960, 540, key_every=50)
HEVC = ClipFormat(640, 360, codec="H265")
SLOW = ClipFormat(640, 360, frames_per_s=1, frame_count=10, key_every=1)
STRANGER = Credentials("viewer", "another")
BURST_PICTURES = 75
CLOCK_JUMP_S = 3600.0
FAULTY, HEAL = "faulty", "heal"


class Cameras:
    """The other end: a context that starts the process. Not for several threads at once."""

    def __init__(self, sound: int, module: str = "benchmarks.live_cameras") -> None:
        words = [sys.executable, "-m", module, "--sound", str(sound)]
        self._process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.urls: Mapping[str, str] = {}

    @property
    def pid(self) -> int:
        return self._process.pid

    def __enter__(self) -> Self:
        self.urls = json.loads(self._answer())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._process.communicate()

    def tell(self, command: str) -> None:
        """Return when the process has done so."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{command}\n")
        self._process.stdin.flush()
        self._answer()

    def _answer(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the process of the cameras has ended: its own words say why")
        return line


class FaultyCamera:
    """A camera with a server of its own, so that what happens to the server happens to it alone."""

    def __init__(self) -> None:
        for clip_format in (LARGER, HEVC, SLOW):
            encoded(clip_format)  # now, so that it takes no time from what is measured
        camera = Camera(USUAL)
        self.server = server = RtspServer({FAULTY: camera})
        self._faults: dict[str, tuple[Callable[[], None], Callable[[], None]]] = {
            "kill": (server.kill, server.revive),
            "freeze": (camera.freeze, camera.heal),
            "mute": (server.mute, server.unmute),
            "unauthorized": (lambda: server.ask_for(STRANGER), lambda: server.ask_for(None)),
            "resolution": (lambda: camera.show(LARGER), camera.heal),
            "hevc": (lambda: camera.show(HEVC), camera.heal),
            "burst": (lambda: camera.hold(BURST_PICTURES), camera.heal),
            "jump": (lambda: camera.jump_clock(CLOCK_JUMP_S), camera.heal),
            "slow": (lambda: camera.show(SLOW), camera.heal),
            "corrupt": (camera.damage, camera.heal),
        }
        self._heal: Callable[[], None] = camera.heal

    def obey(self, command: str) -> None:
        """Begin the fault of that name, or end the last one."""
        if command == HEAL:
            self._heal()
        else:
            begin, self._heal = self._faults[command]
            begin()


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.live_cameras", description=__doc__)
    parser.add_argument("--sound", type=int, default=8, help="cameras that never fail [%(default)s]")
    options = parser.parse_args(arguments)
    names = [f"cam-{number}" for number in range(1, options.sound + 1)]
    faulty = FaultyCamera()
    with RtspServer({name: Camera(USUAL) for name in names}) as server, faulty.server:
        print(json.dumps({name: server.url(name) for name in names} | {FAULTY: faulty.server.url(FAULTY)}), flush=True)
        for line in sys.stdin:
            faulty.obey(line.strip())
            print(line.strip(), flush=True)


if __name__ == "__main__":
    main()
