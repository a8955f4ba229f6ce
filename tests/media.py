"""Builds tiny video files of every kind that the tests need, with PyAV alone."""

import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.video.stream import VideoStream

from pipeline.types import ColorMatrix, ColorRange, UInt8Array
from pipeline.vision.i420 import i420_from_rgb

COLOURS = ((200, 40, 60), (40, 180, 70), (60, 70, 210), (180, 170, 40))
"""RGB of the quadrants of `quadrants`: top left, top right, bottom left, bottom right."""

SOUND_HZ = 48_000

_COLORSPACE_CODES = {ColorMatrix.BT601: 6, ColorMatrix.BT709: 1}
_RANGE_CODES = {ColorRange.LIMITED: 1, ColorRange.FULL: 2}
_QUIET = {"libx265": {"x265-params": "log-level=none"}, "libsvtav1": {"svtav1-params": "preset=12"}}


class Sound(Enum):
    """Where a clip has its sound."""

    NONE = "none"
    FIRST_STREAM = "first stream"
    LAST_STREAM = "last stream"


@dataclass(frozen=True, slots=True)
class Clip:
    """What to encode. `times_s` are the frames' presentation times; None in `matrix` or `color_range`: not tagged."""

    width: int = 64
    height: int = 48
    codec: str = "libx264"
    pixel_format: str = "yuv420p"
    times_s: Sequence[float] = tuple(index / 10 for index in range(10))
    matrix: ColorMatrix | None = None
    color_range: ColorRange | None = None
    rotation_deg: int = 0
    mirrored: bool = False
    time_base: Fraction = Fraction(1, 1000)
    options: dict[str, str] = field(default_factory=dict)
    container_options: dict[str, str] = field(default_factory=dict)
    metadata: dict[str, str] = field(default_factory=dict)
    sound: Sound = Sound.NONE
    picture: Callable[[int, int, int], UInt8Array] | None = None
    """Makes the (H, W, 3) RGB of frame `index` from (index, width, height); `numbered_quadrants` by default."""


def quadrants(width: int, height: int) -> UInt8Array:
    """Return (H, W, 3) RGB: four even colours, told apart under any rotation or mirroring."""
    picture = np.empty((height, width, 3), np.uint8)
    top, bottom, left, right = slice(height // 2), slice(height // 2, None), slice(width // 2), slice(width // 2, None)
    for colour, area in zip(COLOURS, ((top, left), (top, right), (bottom, left), (bottom, right)), strict=True):
        picture[area] = colour
    return picture


def numbered_quadrants(index: int, width: int, height: int) -> UInt8Array:
    """Return `quadrants` with a bar in the middle that moves with `index`, so that no two frames are the same."""
    picture = quadrants(width, height)
    x = width // 4 + index * 2 % (width // 2)
    picture[height // 2 - 2 : height // 2 + 2, x : x + 4] = 255
    return picture


def write_clip(path: Path, clip: Clip | None = None) -> Path:
    """Encode `clip` to `path`, whose suffix names the container; return `path`."""
    clip = clip or Clip()
    with av.open(str(path), "w", container_options=clip.container_options) as container:
        container.metadata.update(clip.metadata)
        sound = _add_sound(container) if clip.sound is Sound.FIRST_STREAM else None
        stream = _add_stream(container, clip)
        if clip.sound is Sound.LAST_STREAM:
            sound = _add_sound(container)
        for picture in _encoder_pictures(clip):
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
        if sound is not None:
            _mux_silence(container, sound)
    return path


def write_audio(path: Path) -> Path:
    """Write half a second of silence as AAC and nothing else."""
    with av.open(str(path), "w") as container:
        _mux_silence(container, _add_sound(container))
    return path


def truncated(path: Path, share: float = 0.5) -> Path:
    """Return a copy of `path` cut after that share of its bytes."""
    whole = path.read_bytes()
    return _beside(path, "truncated", whole[: int(len(whole) * share)])


def damaged(path: Path, start: float = 0.4, length: float = 0.1) -> Path:
    """Return a copy of `path` with noise over that share of its bytes, the shares of `start` before it left alone."""
    data = bytearray(path.read_bytes())
    first, count = int(len(data) * start), int(len(data) * length)
    data[first : first + count] = np.random.default_rng(1).bytes(count)
    return _beside(path, "damaged", bytes(data))


def joined(path: Path, *parts: Path) -> Path:
    """Write the bytes of `parts` one after the other, as MPEG-TS and raw H.264 allow; return `path`."""
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    return path


def jpeg_with_orientation(picture: UInt8Array, orientation: int) -> bytes:
    """Return (H, W, 3) RGB as JPEG with that EXIF orientation (1 to 8)."""
    jpeg = cv2.imencode(".jpg", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 98])[1].tobytes()
    entry = struct.pack(">HHHIHHI", 1, 0x0112, 3, 1, orientation, 0, 0)
    exif = b"Exif\0\0MM\0*" + struct.pack(">I", 8) + entry
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + jpeg[2:]


def true_times_s(path: Path) -> list[float]:
    """Return the presentation time of each frame from the first, as a plain one-threaded decode gives them."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stamps = [picture.time for picture in container.decode(stream)]
    return [stamp - stamps[0] for stamp in stamps]


def _add_stream(container: OutputContainer, clip: Clip) -> VideoStream:
    options = {**_QUIET.get(clip.codec, {}), **clip.options}
    stream = container.add_stream(clip.codec, rate=10, options=options)
    assert isinstance(stream, VideoStream)
    stream.width, stream.height, stream.pix_fmt = clip.width, clip.height, clip.pixel_format
    stream.codec_context.time_base = clip.time_base
    if clip.matrix:
        stream.codec_context.colorspace = _COLORSPACE_CODES[clip.matrix]
    if clip.color_range:
        stream.codec_context.color_range = _RANGE_CODES[clip.color_range]
    if clip.rotation_deg or clip.mirrored:
        stream.set_display_rotation(clip.rotation_deg, hflip=clip.mirrored)
    return stream


def _add_sound(container: OutputContainer) -> AudioStream:
    stream = container.add_stream("aac", rate=SOUND_HZ)
    assert isinstance(stream, AudioStream)
    return stream


def _mux_silence(container: OutputContainer, stream: AudioStream) -> None:
    silence = av.AudioFrame.from_ndarray(np.zeros((1, SOUND_HZ // 2), np.float32), format="fltp", layout="mono")
    silence.sample_rate = SOUND_HZ
    container.mux(stream.encode(silence))
    container.mux(stream.encode(None))


def _encoder_pictures(clip: Clip) -> Iterator[av.VideoFrame]:
    paint = clip.picture or numbered_quadrants
    for index, time_s in enumerate(clip.times_s):
        picture = _encoder_picture(paint(index, clip.width, clip.height), clip)
        picture.pts, picture.time_base = round(time_s / clip.time_base), clip.time_base
        yield picture


def _encoder_picture(rgb: UInt8Array, clip: Clip) -> av.VideoFrame:
    if not clip.pixel_format.startswith("yuv"):
        return av.VideoFrame.from_ndarray(rgb, format="rgb24").reformat(format=clip.pixel_format)
    is_full = clip.color_range is ColorRange.FULL or clip.pixel_format.startswith("yuvj")
    untagged = ColorMatrix.BT709 if clip.height >= 720 else ColorMatrix.BT601
    planes = i420_from_rgb(rgb, clip.matrix or untagged, ColorRange.FULL if is_full else ColorRange.LIMITED)
    picture = av.VideoFrame(clip.width, clip.height, "yuvj420p" if is_full else "yuv420p")
    for plane, content in zip(picture.planes, (planes.y, planes.u, planes.v), strict=True):
        buffer = np.frombuffer(plane, np.uint8)  # type: ignore[call-overload]  # PyAV's stubs omit its buffer protocol
        buffer.reshape(plane.height, plane.line_size)[:, : plane.width] = content
    code = _RANGE_CODES[ColorRange.FULL if is_full else ColorRange.LIMITED]
    return picture.reformat(format=clip.pixel_format, src_color_range=code, dst_color_range=code)


def _beside(path: Path, prefix: str, data: bytes) -> Path:
    copy = path.with_name(f"{prefix}-{path.name}")
    copy.write_bytes(data)
    return copy
