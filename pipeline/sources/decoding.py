"""Opens a container and decodes its video on the caller's thread; FFmpeg's errors become SourceErrors here."""

import os
import threading
import time
from collections.abc import Callable, Container, Iterator
from typing import TypeAlias

import av
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition, Stream
from av.video.stream import VideoStream

from pipeline.errors import SourceError
from pipeline.upload_errors import UploadTooLargeError, UploadTypeError

DECODER_THREADS = min(4, os.cpu_count() or 1)
"""Per stream. CPU time is the same with 1, 2 and 4 (2.9 ms a 1080p frame of H.264), memory 96, 116 and 129 MB."""

SKIPPING_THREADS = 6
"""On two cores, 1080p: 2 decode a frame of the file in 2.8 ms, 4 in 2.2, 6 in 2.0; each holds one more picture."""

NO_ANSWER = "no answer in time"

TEXT_ART_FORMATS = frozenset({"tty", "bintext", "xbin", "adf", "idf"})
"""Demuxers that paint any text file as a video."""


def open_container(
    url: str,
    name: str,
    *,
    kind: str | None = None,
    options: dict[str, str] | None = None,
    timeout_s: float | None = None,
) -> InputContainer:
    """Open `url` for reading; `name` is what errors call it, `kind` FFmpeg's input format where it can't be guessed.

    `timeout_s` bounds the opening and each later read. Raise SourceError where it can't be opened.
    """
    started_s = time.monotonic()
    try:
        container = av.open(url, format=kind, options=options or {}, timeout=timeout_s, metadata_errors="replace")
    except (av.FFmpegError, OSError, ValueError) as error:
        # Interrupted, some of FFmpeg's protocols complain of the data that did not come.
        timed_out = timeout_s is not None and time.monotonic() - started_s >= timeout_s
        reason = NO_ANSWER if timed_out else reason_of(error)
        raise SourceError(f"{name} can't be opened: {reason}") from None
    if container.format.name in TEXT_ART_FORMATS:
        container.close()
        raise SourceError(f"{name} is a text, not a video; give a video file, e.g. MP4, MKV, WebM, AVI or MOV")
    return container


def reason_of(error: Exception) -> str:
    """Return what FFmpeg says of `error`, without the URL, which may hold a password."""
    if isinstance(error, av.error.InvalidDataError):
        return "its content is not a video that can be read, or it is damaged beyond use"
    if isinstance(error, av.error.ExitError):
        return NO_ANSWER
    text = getattr(error, "strerror", None) or type(error).__name__
    return str(text).lower()


_Packet: TypeAlias = "Packet[Stream]"


class VideoReader:
    """Decodes the first video stream of a container. One thread iterates `pictures`, any thread may close.

    `on_close` is called, perhaps more than once, after the container is closed.
    Up to `read_errors_allowed` failed reads are passed over, as a damaged file asks for; further ones raise
    SourceError. Packets that the decoder refuses are always skipped and counted.
    """

    def __init__(
        self,
        container: InputContainer,
        name: str,
        *,
        read_errors_allowed: int,
        thread_type: str,
        on_close: Callable[[], None] = lambda: None,
    ) -> None:
        self.stream = _video_stream(container, name)
        self.stream.thread_type = thread_type
        self.stream.codec_context.thread_count = DECODER_THREADS
        self.damaged_packets = 0
        self.has_ended = False
        self.reached_s = 0.0
        """The end of the last packet of any stream: what of the file is there, for a look at its declared length."""
        self._container = container
        self._on_close = on_close
        self._name = name
        self._read_errors_left = read_errors_allowed
        self._packets = container.demux()
        self._doubted: _Packet | None = None
        self._step_lock = threading.Lock()
        self._is_closed = threading.Event()

    def pictures(self) -> Iterator[av.VideoFrame]:
        """Yield the decoded pictures in the order of display, until the end or `close`."""
        try:
            while (batch := self._next_batch()) is not None:
                for picture in batch:
                    if self._is_closed.is_set():
                        return
                    yield picture
        finally:
            self.close()

    def prepare_to_skip(self) -> None:
        """Before the first picture: take the threads that pictures need which wait for each other, as those left do."""
        self.stream.codec_context.thread_count = SKIPPING_THREADS

    def skip_unreferenced(self) -> None:
        """Decode no further pictures that no other one refers to: half of x264's, at a third of the CPU time."""
        self.stream.codec_context.skip_frame = "NONREF"

    def restrict(self, codecs: Container[str], max_pixels: int) -> None:
        """Decode these codecs alone, and no picture of more pixels; before the first picture is asked for.

        Raise UploadTypeError or UploadTooLargeError where the file says already that it is of another kind or larger.
        """
        context = self.stream.codec_context
        if context.name not in codecs:
            self.close()
            raise UploadTypeError(f"{self._name} is encoded as {context.name}, which is not taken; send H.264 or VP9")
        if context.width * context.height > max_pixels:
            self.close()
            allowed = f"at most {max_pixels / 1_000_000:g} million pixels are taken; reduce it"
            raise UploadTooLargeError(f"{self._name} claims {context.width} x {context.height} pixels; {allowed}")
        context.options = {"max_pixels": str(max_pixels)}  # a stream may change its size later

    @property
    def was_stopped(self) -> bool:
        """Whether `close` came before the end."""
        return self._is_closed.is_set() and not self.has_ended

    def close(self) -> None:
        """End the iteration; a read in progress is not waited for: its own thread then closes the container."""
        self._is_closed.set()
        if self._step_lock.acquire(blocking=False):
            try:
                self._container.close()
                self._on_close()
            finally:
                self._step_lock.release()

    def _next_batch(self) -> list[av.VideoFrame] | None:
        """Return the pictures that the next packet completes, None at the end."""
        with self._step_lock:
            if self._is_closed.is_set():
                return None
            packet = self._read()
            self.has_ended = packet is None and not self._is_closed.is_set()
            return None if packet is None else self._decode(packet)

    def _read(self) -> "_Packet | None":
        while True:
            try:
                return next(self._packets, None)
            except av.FFmpegError as error:
                if self._is_closed.is_set():
                    return None
                self._count_read_error(error)
                self._packets = self._container.demux()

    def _count_read_error(self, error: av.FFmpegError) -> None:
        if self._read_errors_left == 0:
            raise SourceError(f"{self._name} can't be read on: {reason_of(error)}") from None
        self._read_errors_left -= 1
        self.damaged_packets += 1

    def _decode(self, packet: _Packet) -> list[av.VideoFrame]:
        if packet.pts is not None:
            self.reached_s = max(self.reached_s, float((packet.pts + (packet.duration or 0)) * packet.time_base))
        if packet.stream.index != self.stream.index:  # `stream_index` of the flush packets is 0, whatever their stream
            return []
        return [picture for ready in self._without_last_stump(packet) for picture in self._pictures_of(ready)]

    def _without_last_stump(self, packet: _Packet) -> list[_Packet]:
        """Hold a packet that the demuxer doubts until another follows; return those to decode now.

        Mostly such a packet decodes. Cut short by the end of the file it does not, and its error would cost the
        pictures that frame threads still hold: the flush packet (of size 0) ends with the first error.
        """
        doubted, self._doubted = self._doubted, packet if packet.is_corrupt else None
        if doubted is not None and packet.size == 0:
            self.damaged_packets += 1
            doubted = None
        return [ready for ready in (doubted, None if packet.is_corrupt else packet) if ready is not None]

    def _pictures_of(self, packet: _Packet) -> list[av.VideoFrame]:
        try:
            return self.stream.decode(packet)
        except av.FFmpegError:
            self.damaged_packets += 1
            return []


def _video_stream(container: InputContainer, name: str) -> VideoStream:
    for stream in container.streams.video:
        if not stream.disposition & Disposition.attached_pic and stream.codec_context is not None:
            return stream
    kinds = ", ".join(sorted({stream.type for stream in container.streams})) or "none"
    container.close()
    raise SourceError(f"{name} holds no video that can be decoded (its streams: {kinds}); give one with a picture")
