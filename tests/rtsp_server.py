"""A small RTSP 1.0 server (RFC 2326, interleaved TCP) that plays one H.264 clip to one client."""

import io
import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction

import av

from tests.media import numbered_quadrants

_SDP = """v=0
o=- 0 0 IN IP4 127.0.0.1
s=test
c=IN IP4 127.0.0.1
t=0 0
m=video 0 RTP/AVP 96
a=rtpmap:96 H264/90000
a=fmtp:96 packetization-mode=1
a=framerate:10
a=control:track0
"""


class _Packets(io.RawIOBase):
    """Collects what the RTP muxer writes: one packet a call."""

    name = "packets"

    def __init__(self) -> None:
        super().__init__()
        self.packets: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        packet = bytes(data)  # type: ignore[call-overload]  # PyAV hands over a memoryview
        self.packets.append(packet)
        return len(packet)


def rtp_packets(frame_count: int, width: int = 64, height: int = 48) -> list[bytes]:
    """Return the RTP packets of an H.264 clip with the parameter sets in band."""
    sink = _Packets()
    with av.open(
        sink, "w", format="rtp", options={"payload_type": "96"}, container_options={"packetsize": "1200"}
    ) as container:
        stream = container.add_stream("libx264", rate=10, options={"tune": "zerolatency", "g": "5"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for index in range(frame_count):
            picture = av.VideoFrame.from_ndarray(numbered_quadrants(index, width, height), format="rgb24")
            picture.pts, picture.time_base = index, Fraction(1, 10)
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    return [packet for packet in sink.packets if packet[1] & 0x7F == 96]


class _Handler(socketserver.StreamRequestHandler):
    server: "RtspServer"

    def handle(self) -> None:
        for method, headers in self._requests():
            extra, body = self._answer(method, headers)
            self._reply(headers["cseq"], extra, body)
            if method == "PLAY":
                self._play()
                if not self.server.goes_silent:
                    return

    def _requests(self) -> Iterator[tuple[str, dict[str, str]]]:
        while line := self.rfile.readline().decode():
            headers: dict[str, str] = {}
            while header := self.rfile.readline().decode().strip():
                name, _, value = header.partition(":")
                headers[name.lower()] = value.strip()
            yield line.split(" ")[0], headers

    def _answer(self, method: str, headers: dict[str, str]) -> tuple[str, str]:
        if method == "DESCRIBE":
            return "Content-Type: application/sdp\r\n", _SDP.replace("\n", "\r\n")
        if method == "SETUP":
            return f"Session: 1\r\nTransport: {headers['transport']}\r\n", ""
        return "Session: 1\r\nPublic: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n", ""

    def _reply(self, sequence: str, extra: str, body: str) -> None:
        head = f"RTSP/1.0 200 OK\r\nCSeq: {sequence}\r\n{extra}Content-Length: {len(body)}\r\n\r\n"
        self.wfile.write((head + body).encode())

    def _play(self) -> None:
        for packet in self.server.packets:
            self.wfile.write(b"$\0" + struct.pack(">H", len(packet)) + packet)
        self.wfile.flush()


class RtspServer(socketserver.ThreadingTCPServer):
    """Plays `packets` to each client and then hangs up, or where `goes_silent`, keeps the line open without a word."""

    allow_reuse_address = True

    def __init__(self, packets: list[bytes], *, goes_silent: bool) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.packets = packets
        self.goes_silent = goes_silent


@contextmanager
def serving_rtsp(packets: list[bytes], *, goes_silent: bool = False) -> Iterator[str]:
    """Play `packets` to every client while the context lasts; give the server's "host:port"."""
    server = RtspServer(packets, goes_silent=goes_silent)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), name="rtsp-server")
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
