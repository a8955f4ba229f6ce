"""One client of the server: reads its requests (RFC 2326), answers them, and plays a camera to it."""

import contextlib
import socket
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from io import BufferedReader
from urllib.parse import urlsplit

from benchmarks.rtsp.auth import Credentials
from benchmarks.rtsp.camera import Camera, Shot
from benchmarks.rtsp.rtp import Packetizer, payloads
from benchmarks.rtsp.sdp import described
from benchmarks.rtsp.transport import Line, Transport, transport_for

SESSION = "12345678"
_REASONS = {200: "OK", 401: "Unauthorized", 404: "Not Found", 454: "Session Not Found", 501: "Not Implemented"}
_METHODS = "OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER, TEARDOWN"


@dataclass(frozen=True, slots=True)
class Request:
    """A request; the names of its headers are in lower case."""

    method: str
    url: str
    headers: Mapping[str, str]

    @property
    def path(self) -> str:
        """The camera that is meant."""
        return urlsplit(self.url).path.strip("/").removesuffix("/track0")


class Connection:
    """Serves one client on a thread of its own, and plays on a second one."""

    def __init__(
        self, connection: socket.socket, cameras: Mapping[str, Camera], credentials: Credentials | None, number: int
    ) -> None:
        self._socket = connection
        self._line = Line(connection)
        self._cameras = cameras
        self._credentials = credentials
        self._transport: Transport | None = None
        self._player: threading.Thread | None = None
        self._playing: Camera | None = None
        self._is_over = threading.Event()
        self._number = number
        self._thread = threading.Thread(target=self._serve, name=f"rtsp-client-{number}")

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Hang up and wait for both threads."""
        self._is_over.set()
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()

    def _serve(self) -> None:
        try:
            with self._socket.makefile("rb") as reader:
                while not self._is_over.is_set() and (request := _read_request(reader)) is not None:
                    self._answer(request)
        except OSError:
            pass  # the client hung up
        finally:
            self._stop_playing()
            self._socket.close()

    def _answer(self, request: Request) -> None:
        camera = self._cameras.get(request.path)
        if request.method == "OPTIONS":
            self._reply(request, 200, {"Public": _METHODS})
        elif self._credentials and not self._credentials.allow(
            request.method, request.headers.get("authorization", "")
        ):
            self._reply(request, 401, {"WWW-Authenticate": self._credentials.challenge})
        elif camera is None:
            self._reply(request, 404)
        else:
            self._answer_about(camera, request)

    def _answer_about(self, camera: Camera, request: Request) -> None:
        session = {"Session": f"{SESSION};timeout=60"}
        match request.method:
            case "DESCRIBE":
                headers = {"Content-Type": "application/sdp", "Content-Base": f"{request.url}/"}
                self._reply(request, 200, headers, described(camera.clip))
            case "SETUP":
                self._transport = transport_for(request.headers["transport"], self._line)
                self._reply(request, 200, session | {"Transport": self._transport.header})
            case "PLAY":
                self._reply(request, 200 if self._transport else 454, session | {"Range": "npt=0.000-"})
                self._start_playing(camera)
            case "GET_PARAMETER":
                self._reply(request, 200, session)
            case "TEARDOWN":
                self._reply(request, 200, session)
                self._is_over.set()
            case _:
                self._reply(request, 501)

    def _reply(self, request: Request, status: int, headers: Mapping[str, str] | None = None, body: str = "") -> None:
        fields = {"CSeq": request.headers.get("cseq", "0"), **(headers or {}), "Content-Length": str(len(body))}
        lines = [f"RTSP/1.0 {status} {_REASONS[status]}", *(f"{name}: {value}" for name, value in fields.items())]
        self._line.send(("\r\n".join(lines) + "\r\n\r\n" + body).encode())

    def _start_playing(self, camera: Camera) -> None:
        if self._transport is None or self._player is not None:
            return
        name, arguments = f"rtsp-player-{self._number}", (camera, self._transport)
        self._playing = camera
        self._player = threading.Thread(target=self._play, args=arguments, name=name)
        self._player.start()

    def _play(self, camera: Camera, transport: Transport) -> None:
        packetizer, shot = Packetizer(source_id=0x5EED + self._number), None
        with camera.watched(), contextlib.suppress(OSError):  # the client may hang up while a packet is on its way
            while (shot := camera.next_shot(shot, self._is_over.is_set)) is not None:
                for packet in _packets(camera, packetizer, shot):
                    transport.send(packet)

    def _stop_playing(self) -> None:
        self._is_over.set()
        if self._player is not None and self._playing is not None:
            self._playing.wake()
            self._player.join()
        if self._transport is not None:
            self._transport.close()


def _packets(camera: Camera, packetizer: Packetizer, shot: Shot) -> list[bytes]:
    parts = payloads(shot.unit.nals, camera.clip.format.codec)
    return packetizer.packets([camera.on_the_wire(part) for part in parts], shot.timestamp)


def _read_request(reader: BufferedReader) -> Request | None:
    """Return the next request, None when the client is gone; interleaved RTCP is passed over."""
    while (first := reader.read(1)) == b"$":
        _, high, low = reader.read(3)
        reader.read(high << 8 | low)
    line = (first + reader.readline()).decode()
    if not line.strip():
        return None
    headers: dict[str, str] = {}
    while header := reader.readline().decode().strip():
        name, _, value = header.partition(":")
        headers[name.lower()] = value.strip()
    reader.read(int(headers.get("content-length", 0)))
    method, url, _ = line.split(" ", 2)
    return Request(method, url, headers)
