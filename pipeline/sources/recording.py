"""A video file as a source of frames: every frame counts, and damage is passed over and told."""

import itertools
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from pipeline.errors import SourceError
from pipeline.sources.decoding import VideoReader, open_container
from pipeline.sources.frames import Moment, frame_of, utc_at
from pipeline.sources.orientation import Uprighter
from pipeline.sources.sampling import sampled
from pipeline.sources.timeline import Timeline
from pipeline.types import Frame, SourceInfo

READ_ERRORS_ALLOWED = 100
"""Failed reads in one file before it counts as ended: each resumes behind the damage."""

DECLARING_FORMATS = ("mp4", "matroska", "avi")
"""Containers that write their length in a header; that of others is estimated and proves nothing."""

TRUNCATION_TOLERANCE_S = 0.5

FILES_ALONE = {"protocol_whitelist": "file"}
"""A playlist passed off as a video must not make this machine fetch addresses."""

REFERENCED = 1 / 4
"""Of the pictures: those that others refer to, where x264's usual three between two of them are not."""

UNKNOWN_FRAME_S = 1 / 25
"""The step between frames without timestamps in a stream that does not tell its rate."""


@dataclass(frozen=True, slots=True)
class FileRules:
    """What a file is called in errors, and what may be in it, where nobody vouches for it.

    `formats` and `codecs` are FFmpeg's names; pictures of more than `max_pixels` are not decoded.
    """

    name: str
    formats: frozenset[str]
    codecs: frozenset[str]
    max_pixels: int

    @property
    def options(self) -> dict[str, str]:
        """Those of FFmpeg: no other demuxer even looks at the file."""
        return {"format_whitelist": ",".join(sorted(self.formats))}


class Recording:
    """A video file, decoded to upright I420 frames; `media_s` counts from the first frame, which stands at 0.

    `frames` can be read once. Timestamps that are missing or do not rise are repaired.
    """

    def __init__(
        self,
        path: Path,
        stream: str,
        started_utc: datetime | None = None,
        sample_per_s: float | None = None,
        rules: FileRules | None = None,
    ) -> None:
        """Open `path` and decode its first frame; `started_utc` overrides the start that the container tells.

        With `sample_per_s` that many frames a second are yielded, and few more decoded: `index` counts those yielded.
        Raise SourceError where not one frame can be had, or where the file is not what `rules` allow.
        """
        self._stream = stream
        name = rules.name if rules else str(path)
        _check(path, name)
        options = FILES_ALONE | (rules.options if rules else {})
        container = open_container(f"file:{path}", name, options=options)
        self._reader = VideoReader(container, name, read_errors_allowed=READ_ERRORS_ALLOWED, thread_type="AUTO")
        if rules is not None:
            self._reader.restrict(rules.codecs, rules.max_pixels)
        if sample_per_s is not None:
            self._reader.prepare_to_skip()
        self._declared_end_s = _declared_end_s(container)
        self._cut_short: str | None = None
        pictures = self._reader.pictures()
        first = next(pictures, None)
        if first is None:
            raise SourceError(f"not one frame of {name} can be decoded; is it damaged, or was it copied whole?")
        self._sample_per_s = sample_per_s
        self._info = _describe(rules.name if rules else path.name, container, self._reader.stream, first, started_utc)
        self._pictures = itertools.chain([first], pictures)
        # Frames without timestamps are counted instead, so none of them may be missing.
        if sample_per_s is not None and first.pts is not None and sample_per_s <= REFERENCED * self._info.frames_per_s:
            self._reader.skip_unreferenced()

    @property
    def info(self) -> SourceInfo:
        return self._info

    @property
    def damaged_packets(self) -> int:
        """How many packets could not be read or decoded so far."""
        return self._reader.damaged_packets

    @property
    def ended_early(self) -> bool:
        """Whether the file ends before its header says; known once the frames are read."""
        return self._cut_short is not None

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is wrong with the file, in sentences for people; whole once the frames are read."""
        damaged = self.damaged_packets
        packets = f"{self._info.name}: {damaged} damaged packet{'s were' if damaged > 1 else ' was'} skipped"
        return tuple(text for text in (packets if damaged else None, self._cut_short) if text)

    def frames(self) -> Iterator[Frame]:
        """Yield the frames that can be decoded; each is held until the next tells how long it stood."""
        uprighter, timeline = Uprighter(), Timeline(self._step_s())
        try:
            stamped = ((picture, timeline.place(_seconds(picture.pts, picture))) for picture in self._pictures)
            timed = _with_durations(stamped, self._step_s())
            if self._sample_per_s is not None:
                timed = sampled(timed, self._sample_per_s)
            for index, (picture, media_s, duration_s) in enumerate(timed):
                if self._reader.was_stopped:
                    return
                captured_utc = utc_at(media_s, self._info.started_utc)
                moment = Moment(media_s, duration_s, time.monotonic(), captured_utc)
                yield frame_of(self._stream, index, uprighter.planes(picture), moment)
            self._note_truncation()
        except SourceError as error:
            self._cut_short = str(error)

    def close(self) -> None:
        self._reader.close()

    def _step_s(self) -> float:
        return 1 / self._info.frames_per_s if self._info.frames_per_s else UNKNOWN_FRAME_S

    def _note_truncation(self) -> None:
        declared_s, reached_s = self._declared_end_s, self._reader.reached_s
        if self._reader.has_ended and declared_s is not None and reached_s < declared_s - TRUNCATION_TOLERANCE_S:
            self._cut_short = f"{self._info.name} is truncated: it ends at {reached_s:.1f} s of {declared_s:.1f} s"


def _check(path: Path, name: str) -> None:
    if not path.exists():
        raise SourceError(f"{name} does not exist; check the path")
    if not path.is_file():
        raise SourceError(f"{name} is not a file; give a video file")
    if path.stat().st_size == 0:
        raise SourceError(f"{name} is empty (0 bytes); was it copied whole?")


def _describe(
    name: str, container: InputContainer, stream: VideoStream, first: av.VideoFrame, started_utc: datetime | None
) -> SourceInfo:
    height, width = Uprighter().planes(first).y.shape
    return SourceInfo(
        name=name,
        width=width,
        height=height,
        frames_per_s=float(stream.average_rate or stream.guessed_rate or 0),
        duration_s=None if container.duration is None else container.duration / av.time_base,
        frame_count=stream.frames or None,
        started_utc=started_utc or _creation_time(container),
    )


def _declared_end_s(container: InputContainer) -> float | None:
    if container.duration is None or not any(name in container.format.name for name in DECLARING_FORMATS):
        return None
    return (container.duration + (container.start_time or 0)) / av.time_base


def _creation_time(container: InputContainer) -> datetime | None:
    """Return the start of the recording that the container tells, None where it tells none that can be read."""
    try:
        told = datetime.fromisoformat(container.metadata["creation_time"])
    except (KeyError, ValueError):
        return None
    return told.replace(tzinfo=told.tzinfo or UTC).astimezone(UTC)


def _with_durations(
    stamped: Iterable[tuple[av.VideoFrame, float]], step_s: float
) -> Iterator[tuple[av.VideoFrame, float, float]]:
    """Add to each picture and time how long it stands: until the next, the last as long as it says of itself.

    What packets tell of their duration is in the order of decoding, and wrong for pictures that were reordered.
    """
    held: tuple[av.VideoFrame, float] | None = None
    for picture, media_s in stamped:
        if held is not None:
            yield *held, media_s - held[1]
        held = picture, media_s
    if held is not None:
        yield *held, _seconds(held[0].duration, held[0]) or step_s


def _seconds(ticks: int | None, picture: av.VideoFrame) -> float | None:
    base = picture.time_base
    return None if ticks is None or base is None else ticks * base.numerator / base.denominator
