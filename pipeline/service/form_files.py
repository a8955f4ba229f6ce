"""The files of a form, cut out of its bytes as these come in."""

from collections import deque
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Self, TypeAlias

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from pipeline.service.problem import ProblemError
from pipeline.upload import Upload, plain_name
from pipeline.upload_errors import UploadError, UploadTooLargeError

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

MULTIPART = "multipart/form-data"


@dataclass(frozen=True, slots=True)
class RefusedFile:
    """A file that is not judged, and why."""

    name: str
    error: UploadError


ReceivedFile: TypeAlias = Upload | RefusedFile


@dataclass(frozen=True, slots=True)
class FileRules:
    """What a form may hold: files in parts named `field`, of `max_bytes` each, `max_files` of them."""

    field: str
    max_bytes: int
    max_files: int


class FormFiles:
    """Takes the bytes of a form and gives its files, each once it is whole; what is left in it is closed with it."""

    def __init__(self, content_type: str, rules: FileRules) -> None:
        """Raise ProblemError where `content_type`, that of the form, names no boundary."""
        _, options = parse_options_header(content_type)
        self._rules = rules
        self._ready: deque[ReceivedFile] = deque()
        self._current: ReceivedFile | None = None
        self._file_count = 0
        self._is_whole = False
        self._header_name = bytearray()
        self._header_value = bytearray()
        self._headers: dict[str, bytes] = {}
        try:
            self._parser = MultipartParser(options[b"boundary"], self._callbacks())
        except (KeyError, FormParserError):
            raise _malformed() from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for file in (self._current, *self._ready):
            if isinstance(file, Upload):
                file.close()

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes of the form; raise ProblemError where they are none."""
        try:
            self._parser.write(chunk)
        except FormParserError:
            raise _malformed() from None

    def take(self) -> ReceivedFile | None:
        """Return the next file that is whole, which is now the caller's; None where none is yet."""
        return self._ready.popleft() if self._ready else None

    def finish(self) -> None:
        """Raise ProblemError where the form ended early or held no file."""
        if not self._is_whole:
            raise _malformed()
        if not self._file_count:
            detail = f"the form holds no file: its parts are to be named {self._rules.field}"
            raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, detail)

    def _callbacks(self) -> "MultipartCallbacks":
        return {
            "on_part_begin": self._headers.clear,
            "on_header_begin": self._begin_header,
            "on_header_field": self._take_header_name,
            "on_header_value": self._take_header_value,
            "on_header_end": self._end_header,
            "on_headers_finished": self._begin_part,
            "on_part_data": self._take_data,
            "on_part_end": self._end_part,
            "on_end": self._end,
        }

    def _begin_header(self) -> None:
        self._header_name.clear()
        self._header_value.clear()

    def _take_header_name(self, data: bytes, start: int, end: int) -> None:
        self._header_name += data[start:end]

    def _take_header_value(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]

    def _end_header(self) -> None:
        self._headers[self._header_name.decode("latin-1").lower()] = bytes(self._header_value)

    def _begin_part(self) -> None:
        _, options = parse_options_header(self._headers.get("content-disposition", b""))
        if options.get(b"name", b"").decode(errors="replace") != self._rules.field or options.get(b"filename") == b"":
            # A browser sends a file without name where none was chosen.
            self._current = None
            return
        self._file_count += 1
        if self._file_count > self._rules.max_files:
            detail = f"the form holds more than {self._rules.max_files} files; send the rest in another one"
            raise ProblemError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail, {"Connection": "close"})
        self._current = Upload(options.get(b"filename", b"").decode(errors="replace"), self._rules.max_bytes)

    def _take_data(self, data: bytes, start: int, end: int) -> None:
        if not isinstance(self._current, Upload):
            return
        try:
            self._current.write(data[start:end])
        except UploadTooLargeError as error:
            # The rest of it is passed over: those after it may be well.
            self._current.close()
            self._current = RefusedFile(plain_name(self._current.name), error)

    def _end_part(self) -> None:
        if self._current is not None:
            self._ready.append(self._current)
            self._current = None

    def _end(self) -> None:
        self._is_whole = True


def _malformed() -> ProblemError:
    return ProblemError(HTTPStatus.BAD_REQUEST, f"the body is not a whole {MULTIPART}", {"Connection": "close"})
