"""One connection to a live input: opened, read packet by packet, lost with a reason."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol, cast

import av
from av.container import Flags, InputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from pipeline.sources.http_files import HttpFiles
from pipeline.sources.http_input import is_http, open_http
from pipeline.sources.interrupt import Interrupt
from pipeline.sources.losses import lost
from pipeline.sources.orientation import Uprighter
from pipeline.sources.patience import Patience
from pipeline.sources.resolving import resolve_in
from pipeline.sources.silence_clock import SilenceClock
from pipeline.sources.stamping import Stamper
from pipeline.sources.stream_state import ConnectionLostError, Reason
from pipeline.vision.i420 import Planes

CAMERA = "the camera"
"""What messages call it."""

POLL_S = 0.5
"""How long a read of a stream that can be read on waits at most, so that silence is noticed while it lasts."""

SEGMENT_WAIT_S = 20.0
"""How long a read of anything but RTSP may wait: HLS brings its pictures by segments of up to ten seconds."""

USUAL_FRAMES_PER_S = 25.0
_PLAUSIBLE_FRAMES_PER_S = (0.05, 240.0)

# 32 KiB and 0.2 s are enough for the size of the picture: RTSP opens in 0.1 to 0.4 s instead of 1 to 2 s.
_RTSP_OPTIONS = {"probesize": "32768", "analyzeduration": "200000", "fpsprobesize": "0"}

# What is fetched by segments of some seconds, or as a whole.
_LUMPY_FORMATS = frozenset({"hls", "dash", "mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm", "avi"})

_STAMPLESS_FORMATS = frozenset({"mpjpeg", "mjpeg"})
"""FFmpeg counts their pictures as 25 a second, whatever comes."""


class Transport(Enum):
    """What carries the packets of RTSP; UDP loses some, and with them pictures until the next key frame."""

    TCP = "tcp"
    UDP = "udp"


@dataclass(frozen=True, slots=True)
class ConnectionSettings:
    """How a live input is connected to.

    `open_timeout_s` bounds the connecting and again the probing; a stream without a picture for `stalled_after_s` is
    stalled, and after `lost_after_s` lost.
    """

    transport: Transport = Transport.TCP
    open_timeout_s: float = 5.0
    stalled_after_s: float = 2.0
    lost_after_s: float = 5.0


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """An upright picture and the stream's own time for it, None where it has none."""

    planes: Planes = field(repr=False)
    stamp_s: float | None


@dataclass(frozen=True, slots=True)
class Reading:
    """What came next: pictures, none where a wait was in vain, and how many were `skipped` without being decoded.

    `waited_s` is how long the other side had to be waited for.
    """

    pictures: Sequence[Picture] = ()
    waited_s: float = 0.0
    skipped: int = 0


class Connection(Protocol):
    """A live input that answered. One thread uses it."""

    @property
    def frames_per_s(self) -> float: ...

    def read(self, *, keys_only: bool = False) -> Reading:
        """Return what came next; raise ConnectionLostError at the end.

        `keys_only` asks for key frames alone, to save time. Decoding can go on from any of them.
        """
        ...

    def close(self) -> None: ...


def connect(location: str, settings: ConnectionSettings, interrupt: Interrupt) -> "Stream":
    """Open a camera (`camera:0`) or a stream (`rtsp://`, `http://`, ...); raise ConnectionLostError where that fails.

    `interrupt` ends any wait, of the opening and of reads. No message tells the location, nor any other name: who shows
    it has told of which stream, and redaction can't know what of a URL came from the environment as a secret.
    """
    patience = Patience(settings.open_timeout_s, interrupt)
    if is_http(location):
        container, files = open_http(location, CAMERA, patience, max(settings.lost_after_s, SEGMENT_WAIT_S))
        files.opened(settings.lost_after_s)
        return Stream(container, interrupt, files)
    url, kind, options = _how_to_open(location, settings)
    started_s = time.monotonic()
    try:
        resolve_in(url, patience)
        with interrupt.serving():
            container = av.open(
                url, format=kind, options=options, timeout=(settings.open_timeout_s, POLL_S), metadata_errors="replace"
            )
    except (av.FFmpegError, OSError, ValueError) as error:
        # Interrupted, some of FFmpeg's protocols complain of the data that did not come.
        timed_out = time.monotonic() - started_s >= settings.open_timeout_s
        place = f" at {url}" if url.startswith("/dev/") else ""
        raise lost(error, f"{CAMERA} can't be opened{place}", timed_out=timed_out) from None
    return Stream(container, interrupt)


class Stream:
    """A container that PyAV has opened."""

    def __init__(self, container: InputContainer, interrupt: Interrupt, files: HttpFiles | None = None) -> None:
        self._container = container
        self._interrupt = interrupt
        self._files = files
        self._uprighter = Uprighter()
        self._is_rtsp = container.format.name == "rtsp"
        self._has_stamps = container.format.name not in _STAMPLESS_FORMATS
        if not self._has_stamps:
            container.flags &= ~cast(int, Flags.gen_pts.value)  # holds each picture back until the next one has come
        self._video = self._first_video()
        # More threads would hold pictures back, and cameras seldom send slices for them to share.
        self._video.thread_type = "SLICE"
        self._video.codec_context.thread_count = 1
        self._packets = container.demux(self._video)
        self._stamper: Stamper[Planes] = Stamper(step_s=1 / self.frames_per_s)

    @property
    def comes_in_lumps(self) -> bool:
        """Whether pictures come many at once, rather than as they are taken."""
        return self._container.format.name in _LUMPY_FORMATS

    @property
    def frames_per_s(self) -> float:
        told = float(self._video.average_rate or self._video.guessed_rate or 0)
        lowest, highest = _PLAUSIBLE_FRAMES_PER_S
        return told if lowest <= told <= highest else USUAL_FRAMES_PER_S

    def read(self, *, keys_only: bool = False) -> Reading:
        started_s = time.monotonic()
        packet = self._next_packet()
        waited_s = time.monotonic() - started_s
        if packet is None:
            return Reading(waited_s=waited_s)
        if keys_only and not packet.is_keyframe:
            return Reading(waited_s=waited_s, skipped=1)
        return Reading(self._decoded(packet), waited_s)

    def _decoded(self, packet: "Packet[VideoStream]") -> Sequence[Picture]:
        try:
            pictures = self._video.decode(packet)
        except av.FFmpegError:
            return ()  # damaged: the decoder finds its way back at the next key frame
        return [ready for picture in pictures for ready in self._stamped(picture)]

    def close(self) -> None:
        self._container.close()
        if self._files is not None:
            self._files.close()

    def _next_packet(self) -> "Packet[VideoStream] | None":
        """Return the next packet, None where none came in time."""
        try:
            with self._interrupt.serving(SilenceClock() if self._is_rtsp else time.monotonic):
                packet = next(self._packets)
        except StopIteration:
            raise self._loss(None) from None
        except av.error.ExitError as error:
            # Only RTSP survives a read that was given up: the buffers of FFmpeg's other protocols keep the error.
            if not self._is_rtsp:
                raise self._loss(error) from None
            self._packets = self._container.demux(self._video)
            return None
        except (av.FFmpegError, OSError) as error:
            raise self._loss(error) from None
        if packet.size == 0:
            raise self._loss(None)
        return packet

    def _loss(self, error: Exception | None) -> ConnectionLostError:
        """Return why there is nothing more to read, `error` being what FFmpeg says of it."""
        error = (self._files and self._files.error) or error
        if error is None:
            return ConnectionLostError(Reason.ENDED, "the other side hung up")
        loss = lost(error, f"{CAMERA} can't be read on")
        return ConnectionLostError(Reason.SILENT, str(loss)) if loss.reason is Reason.NO_ANSWER else loss

    def _stamped(self, picture: av.VideoFrame) -> Iterator[Picture]:
        stamp_s = None if picture.pts is None or picture.time is None else float(picture.time)
        if not self._has_stamps:
            yield Picture(self._uprighter.planes(picture), None)
            return
        for planes, placed_s in self._stamper.place(self._uprighter.planes(picture), stamp_s):
            yield Picture(planes, placed_s)

    def _first_video(self) -> VideoStream:
        video = next((stream for stream in self._container.streams.video if stream.codec_context is not None), None)
        if video is None:
            self._container.close()
            raise ConnectionLostError(Reason.BROKEN, f"{CAMERA} sends no video that can be decoded")
        return video


def _how_to_open(location: str, settings: ConnectionSettings) -> tuple[str, str | None, dict[str, str]]:
    """Return the URL for FFmpeg, its input format where it can't be guessed, and its options."""
    if location.startswith("camera:"):
        location = f"/dev/video{location.removeprefix('camera:')}"
    if location.startswith("/dev/"):
        return location, "v4l2", {}
    if location.lower().startswith(("rtsp:", "rtsps:")):
        return location, None, {**_RTSP_OPTIONS, "rtsp_transport": settings.transport.value}
    return location, None, {}
