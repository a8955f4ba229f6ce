"""What FFmpeg reads over HTTP: an MJPEG or MPEG-TS stream, or the playlists and segments of HLS."""

from collections.abc import Mapping
from http import HTTPStatus
from http.client import HTTPException, HTTPResponse
from urllib.error import HTTPError
from urllib.parse import urlsplit

from pipeline.sources.http_client import HTTP_ERRORS, HttpClient
from pipeline.sources.patience import Patience

_KINDS = {"multipart/": "mpjpeg", "mpegurl": "hls"}
"""FFmpeg's input format by a part of the content type; other types are often wrong, so that it looks for itself."""

_GONE = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})


class HttpFiles:
    """Opens the files of one host for FFmpeg, and keeps why that failed. One thread uses it.

    What fails is an empty file to FFmpeg: of two exceptions that pass through PyAV it prints one, addresses and all.
    """

    def __init__(self, location: str, patience: Patience) -> None:
        """Ask for `location`; raise as `HttpClient` and its `get` do."""
        self._client = HttpClient(location, patience)
        self._patience = patience
        self._first: HTTPResponse | None = self._client.get(self._client.url)
        self.url = self._first.url
        """Where the answer came from in the end; it holds no login."""
        self.kind = _kind(self.url, self._first.headers.get_content_type())
        """FFmpeg's input format, None where address and header of the answer do not tell it."""
        self.error: Exception | None = None
        """What went wrong first."""
        self._has_opened = False
        self._open: set[HttpFile] = set()

    def open(self, url: str, _: int, options: Mapping[str, str]) -> "HttpFile":
        """Return the file at `url`, from the byte `offset` of `options` to the one before `end_offset`."""
        first, self._first = self._first, None
        file = HttpFile(self, first or self._answer(url, _range(options)))
        self._open.add(file)
        return file

    def opened(self, timeout_s: float) -> None:
        """Take note that FFmpeg knows the streams; from now on a silence of `timeout_s` is an end."""
        self._has_opened = True
        self._patience.timeout_s = timeout_s

    def close(self) -> None:
        """Close what FFmpeg has left open, as it does where it can't open a stream."""
        if self._first is not None:
            self._first.close()
        for file in tuple(self._open):
            file.close()

    def closed(self, file: "HttpFile") -> None:
        self._open.discard(file)

    def note(self, error: Exception) -> None:
        self.error = self.error or error

    @property
    def is_unwanted(self) -> bool:
        """Whether there is no use in reading on."""
        return self.error is not None or self._patience.interrupt.is_set()

    def _answer(self, url: str, headers: dict[str, str]) -> HTTPResponse | None:
        try:
            return self._client.get(url, headers)
        except HTTPError as error:
            error.close()
            # A segment may be left out, or be gone by the time it is asked for: the next one will do.
            if not (self._has_opened and error.code in _GONE):
                self.note(error)
        except HTTP_ERRORS as error:
            self.note(error)
        return None


class HttpFile:
    """A body as a file that can't be sought in."""

    def __init__(self, files: HttpFiles, response: HTTPResponse | None) -> None:
        self._files = files
        self._response = response

    def read(self, size: int) -> bytes:
        """Return what has come, up to `size` bytes; none at the end, or where that failed."""
        if self._response is None or self._files.is_unwanted:
            return b""
        try:
            return self._response.read1(size)
        except (OSError, HTTPException) as error:
            self._files.note(error)
            return b""

    def close(self) -> None:
        if self._response is not None:
            self._response.close()
        self._files.closed(self)


def _kind(url: str, content_type: str) -> str | None:
    if urlsplit(url).path.endswith(".m3u8"):
        return "hls"
    return next((kind for part, kind in _KINDS.items() if part in content_type), None)


def _range(options: Mapping[str, str]) -> dict[str, str]:
    if "end_offset" not in options:
        return {}
    return {"Range": f"bytes={options.get('offset', 0)}-{int(options['end_offset']) - 1}"}
