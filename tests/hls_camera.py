"""An HLS stream whose playlist grows on command, over HTTP on this machine alone."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path

from benchmarks.rtsp.drawn_clock import draw_number
from pipeline.types import UInt8Array
from tests.http_site import HttpSite, content, status
from tests.media import Clip, quadrants, write_clip

SEGMENT_PICTURES = 10
"""At 10 pictures a second: the shortest segment that a playlist can tell the length of."""

PLAYLIST = "/cam.m3u8"


def make_segments(folder: Path, count: int) -> list[bytes]:
    """Return segments of a second as MPEG-TS, each with a key frame first and the number drawn into each picture."""
    steady_keys = {"g": str(SEGMENT_PICTURES), "keyint_min": str(SEGMENT_PICTURES), "sc_threshold": "0"}
    clip = Clip(
        width=128,
        height=96,
        times_s=tuple(index / SEGMENT_PICTURES for index in range(count * SEGMENT_PICTURES)),
        options={"tune": "zerolatency", **steady_keys},
        container_options={"hls_time": "1", "hls_list_size": "0"},
        picture=_numbered,
    )
    write_clip(folder / "cam.m3u8", clip)
    return [(folder / f"cam{index}.ts").read_bytes() for index in range(count)]


@dataclass(slots=True)
class HlsCamera:
    """Lists `published` entries of the playlist, the addresses of segments mostly, with the answers of `site`."""

    site: HttpSite
    segments: Sequence[bytes]
    published: list[str] = field(default_factory=list)
    tail: str = ""
    window: int = 4

    def __post_init__(self) -> None:
        for index, segment in enumerate(self.segments):
            self.site.answers[f"/{index}.ts"] = content(segment, "video/mp2t")
        self.come_back()

    @property
    def url(self) -> str:
        return self.site.url(PLAYLIST, "viewer:hunter22")

    def publish(self, *entries: str) -> None:
        """Add segments, by default the next one of the camera."""
        self.published.extend(entries or (f"/{len(self.published)}.ts",))

    def vanish(self) -> None:
        self.site.answers[PLAYLIST] = status(404)

    def come_back(self) -> None:
        self.site.answers[PLAYLIST] = self._answer

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        first = max(0, len(self.published) - self.window)
        head = f"#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:1\n#EXT-X-MEDIA-SEQUENCE:{first}\n"
        entries = "".join(f"#EXTINF:1.0,\n{entry}\n" for entry in self.published[first:])
        content((head + entries + self.tail).encode(), "application/vnd.apple.mpegurl")(handler)


def _numbered(index: int, width: int, height: int) -> UInt8Array:
    picture = quadrants(width, height)
    draw_number(picture, index)
    return picture
