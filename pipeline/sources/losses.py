"""Why a live input can't be opened or read on: in a word for metrics, and in a sentence for people."""

import errno
import socket
from http import HTTPStatus
from http.client import HTTPException
from urllib.error import HTTPError, URLError

import av

from pipeline.sources.decoding import NO_ANSWER, reason_of
from pipeline.sources.http_client import ElsewhereError, UnknownLoginError
from pipeline.sources.stream_state import ConnectionLostError, Reason

NO_STREAM = "its answer is no video stream, or breaks off"

# An input/output error is what FFmpeg makes of a name that does not resolve.
_NETWORK_ERRORS = frozenset({errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EIO})
_REFUSALS = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
_ABSENCES = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})


def lost(error: Exception, what: str, *, timed_out: bool = False) -> ConnectionLostError:
    """Return `error`, of FFmpeg or of HTTP, in our words; `what` says what failed."""
    if timed_out or isinstance(error, av.error.ExitError):
        return ConnectionLostError(Reason.NO_ANSWER, f"{what}: {NO_ANSWER}")
    if isinstance(error, av.error.InvalidDataError):
        return ConnectionLostError(Reason.BROKEN, f"{what}: {NO_STREAM}")
    reason, words = (_reason(error), reason_of(error)) if isinstance(error, av.FFmpegError) else _http_reason(error)
    return ConnectionLostError(reason, f"{what}: {words}")


def _http_reason(error: Exception) -> tuple[Reason, str]:
    if isinstance(error, HTTPError):
        return _status_reason(error.code)
    if isinstance(error, URLError):
        if not isinstance(error.reason, Exception):
            return Reason.BROKEN, "it leads to something else than HTTP, or is encrypted, which is not supported"
        error = error.reason
    if isinstance(error, ElsewhereError):
        return Reason.BROKEN, f"{error}, which is not followed; give that address"
    if isinstance(error, TimeoutError):
        return Reason.NO_ANSWER, NO_ANSWER
    if isinstance(error, socket.gaierror):
        return Reason.UNREACHABLE, "the name of its host is not known"
    if isinstance(error, UnknownLoginError):
        return (
            Reason.CREDENTIALS,
            "it asks for a login of a kind that is not known here (Basic and Digest with MD5 are)",
        )
    if isinstance(error, HTTPException):
        return Reason.BROKEN, NO_STREAM
    if isinstance(error, OSError):
        return Reason.UNREACHABLE, reason_of(error)
    return Reason.BROKEN, "its address can't be understood"


def _status_reason(code: int) -> tuple[Reason, str]:
    known = {status.value: status.phrase.lower() for status in HTTPStatus}
    words = f"it answers {code} ({known.get(code, 'unknown to HTTP')})"
    if code in _REFUSALS:
        return Reason.CREDENTIALS, words
    return (Reason.NOT_FOUND if code in _ABSENCES else Reason.BROKEN), words


def _reason(error: Exception) -> Reason:
    if isinstance(error, av.error.HTTPUnauthorizedError | av.error.HTTPForbiddenError):
        return Reason.CREDENTIALS
    if isinstance(error, av.error.HTTPNotFoundError | FileNotFoundError):
        return Reason.NOT_FOUND
    if isinstance(error, ConnectionError | TimeoutError) or getattr(error, "errno", None) in _NETWORK_ERRORS:
        return Reason.UNREACHABLE
    return Reason.BROKEN
