"""The cameras of a configuration, and what is done with the pictures of each."""

import re
from pathlib import Path, PurePath
from typing import Annotated, Any, Literal, Self, TypeAlias, TypeVar

from pydantic import AfterValidator, Field, ValidationInfo

from pipeline.config.classify import Classify
from pipeline.config.secret_url import SecretUrl
from pipeline.config.strict import FOLDER, EveryFrames, FilePath, Name, Share, Strict, Tiles, is_plain, mistake

Detector: TypeAlias = Literal["short", "full", "haar", "yunet"]
Transport: TypeAlias = Literal["tcp", "udp"]
Blurred: TypeAlias = Literal["off", "faces", "all"]
Thumbnails: TypeAlias = Literal["blurred", "sharp", "off"]
SectionT = TypeVar("SectionT", bound=Strict)

NETWORK_SCHEMES = ("rtsp", "rtsps", "http", "https")
RESERVED_LABELS = frozenset(
    {"instance", "job", "le", "name", "outcome", "quantile", "reason", "sink", "stage", "state", "stream", "verdict"}
)
"""Names that Prometheus or the metrics themselves use."""

MAX_LABELS = 8
MAX_LABEL_CHARACTERS = 64

_CAMERA = re.compile(r"camera:\d{1,3}|/dev/video\d{1,3}")
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*)://", re.IGNORECASE)
_AUTHORITY = re.compile(r"(?:[^/?#]*@)?(?:\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(\d{1,5}))?", re.IGNORECASE)
ALLOWED_LOCATIONS = (
    f"{', '.join(f'{scheme}://' for scheme in NETWORK_SCHEMES)}, camera:N, /dev/videoN or the path of a video file"
)
"""What a stream is read from, for people."""


def _location(url: SecretUrl, info: ValidationInfo) -> SecretUrl:
    text = url.reveal()
    scheme = _SCHEME.match(text)
    if not text.isprintable() or (scheme and " " in text):
        raise mistake("a URL without spaces and control characters; percent-encode them")
    if _CAMERA.fullmatch(text):
        return url
    if scheme is None:
        return _file(url, info)
    if scheme[1].lower() not in NETWORK_SCHEMES:
        raise mistake(f"one of {ALLOWED_LOCATIONS}")
    check_authority(text)
    return url


def _file(url: SecretUrl, info: ValidationInfo) -> SecretUrl:
    text = url.reveal()
    # Only a path from the root is none of an address whose scheme was forgotten, and perhaps with a password in it.
    is_address = "//" in text or (not text.startswith("/") and set(":@") & set(text))
    if is_address or not PurePath(text).suffix:
        raise mistake(f"one of {ALLOWED_LOCATIONS} with its suffix")
    folder: Path | None = (info.context or {}).get(FOLDER)
    return url if folder is None else url.resolved(str(folder / text))


def check_authority(url: str) -> None:
    """Raise a mistake where the host or port of `url` can't be told, as after an unescaped / in a password."""
    authority = re.split("[/?#]", url.partition("://")[2], maxsplit=1)[0]
    match = _AUTHORITY.fullmatch(authority)
    if match is None or not 0 < int(match[1] or 1) < 65536:
        raise mistake(
            "SCHEME://USER:PASSWORD@HOST:PORT/PATH; in a password / ? # are percent-encoded (/ is %2F), or it is given "
            "as ${NAME}, which does it"
        )


def _label_name(name: str) -> str:
    if not re.fullmatch("[a-z][a-z0-9_]{0,31}", name) or name in RESERVED_LABELS:
        reserved = ", ".join(sorted(RESERVED_LABELS))
        raise mistake(f"as a label's name up to 32 small letters, digits and _, and none of {reserved}")
    return name


def _label_value(value: str) -> str:
    if not (0 < len(value) <= MAX_LABEL_CHARACTERS and is_plain(value)):
        raise mistake(f"as a label's value 1 to {MAX_LABEL_CHARACTERS} printable characters without credentials")
    return value


def _few(labels: dict[str, str]) -> dict[str, str]:
    if len(labels) > MAX_LABELS:
        raise mistake(f"at most {MAX_LABELS} labels: each makes every series longer")
    return labels


CameraUrl: TypeAlias = Annotated[SecretUrl, AfterValidator(_location)]
LabelName: TypeAlias = Annotated[str, AfterValidator(_label_name)]
LabelValue: TypeAlias = Annotated[str, AfterValidator(_label_value)]
Labels: TypeAlias = Annotated[dict[LabelName, LabelValue], AfterValidator(_few)]


class Recording(Strict):
    """The annotated recording of a stream: MP4 segments, of which the oldest go first."""

    enabled: bool = False
    """Whether the stream is recorded."""
    folder: FilePath = Field(default=Path("recordings"), validate_default=True)
    """Gets a folder for each stream, named by its id."""
    segment_length_s: Annotated[float, Field(ge=1, le=86400)] = 600.0
    """How long a segment lasts."""
    keep_age_days: Annotated[float, Field(gt=0)] = 7.0
    """A segment older than this is deleted."""
    keep_total_size_gb: Annotated[float, Field(gt=0)] = 20.0
    """The segments of a stream take up to this much, in 1,000,000,000 bytes; the oldest are deleted first."""


class Preview(Strict):
    """The live picture of a stream over HTTP, rendered only while somebody watches."""

    enabled: bool = True
    """Whether the stream can be watched."""
    frames_per_s: Annotated[float, Field(gt=0, le=30)] = 5.0
    """At most this many pictures."""
    width_px: Annotated[int, Field(ge=64, le=3840)] = 640
    """Wider pictures are reduced to this."""
    jpeg_quality: Annotated[int, Field(ge=10, le=95)] = 75
    """As of libjpeg."""


class StreamSettings(Strict):
    """What is done with the pictures of a stream; in `defaults` it holds for every stream that says nothing else."""

    transport: Transport = "tcp"
    """Of RTSP. Over UDP lost packets damage pictures, and no wait for them delays the next."""
    detector: Detector = "full"
    """What finds faces: full sees far, short is for near faces, haar for weak machines, yunet needs detector_model."""
    detector_model: FilePath | None = None
    """The ONNX file of yunet, which brings none."""
    min_score: Share | None = None
    """The lowest score of a face that counts; by default the detector's own."""
    tiles: Tiles = None
    """COLUMNSxROWS to look at one by one, for distant faces; auto chooses by the shape of the picture."""
    every_frames: EveryFrames = None
    """Faces are looked for in each Nth frame and followed in between; auto does so as often as the machine allows."""
    classify: Classify = Classify()
    """How often the classifier is asked about a person."""
    overlay: bool = True
    """Whether boxes and verdicts are drawn into recording and preview."""
    blur: Blurred = "off"
    """What is made unrecognisable in every picture that leaves the process: nothing, faces, or all of it."""
    recording: Recording = Field(default=Recording(), validate_default=True)
    """The annotated recording."""
    preview: Preview = Preview()
    """The live picture over HTTP."""
    thumbnails: Thumbnails = "blurred"
    """Small pictures of the faces whose verdict changed, kept in memory for the live page; off takes none."""


class StreamConfig(StreamSettings):
    """One camera."""

    id: Name
    """Names the stream in metrics, files and addresses."""
    url: CameraUrl
    """What to open: an RTSP, MJPEG or HLS address, camera:N, or a video file, which is played again and again."""
    labels: Labels = Field(default={})
    """Free names and values, such as line or vehicle, to group streams by in dashboards."""
    paused: bool = False
    """Whether the camera is left alone for now, the stream remaining listed."""

    def over(self, defaults: StreamSettings) -> Self:
        """Return this stream with what it does not say itself taken from `defaults`, key by key.

        `model_fields_set` stays what it said itself.
        """
        filled = _filled(self, defaults)
        if filled.detector == "yunet" or "detector_model" in self.model_fields_set:
            return filled
        return _with(filled, {"detector_model": None})


def _filled(own: SectionT, base: Strict) -> SectionT:
    values = {
        name: _filled(getattr(own, name), value)
        if isinstance(value, Strict) and name in own.model_fields_set
        else value
        for name, value in ((name, getattr(base, name)) for name in type(base).model_fields)
        if name not in own.model_fields_set or isinstance(value, Strict)
    }
    return _with(own, values)


def _with(own: SectionT, values: dict[str, Any]) -> SectionT:
    # A plain copy would count the values among what the stream said itself, and a state file would keep them.
    kept = {name: getattr(own, name) for name in type(own).model_fields}
    return own.model_construct(_fields_set=set(own.model_fields_set), **{**kept, **values})
