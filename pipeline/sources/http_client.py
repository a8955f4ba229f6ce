"""HTTP with one host alone: what leads elsewhere, a redirect or a playlist, is not followed.

FFmpeg's own client follows redirects to any host and logs in there as well; for the segments of HLS that can't be
turned off. Here the rule is kept where connections are made, so that nothing can go around it.
"""

import errno
import urllib.request
from functools import partial
from http.client import HTTPConnection, HTTPException, HTTPResponse, InvalidURL
from typing import Any
from urllib.parse import SplitResult, quote, unquote, urlsplit

from pipeline.sources.patience import Patience
from pipeline.sources.wire import Wire

MOST_REDIRECTS = 5

_KEPT_CHARACTERS = "%/:=&?~+!$,;'@()*[]"


class ElsewhereError(Exception):
    """A redirect or a playlist leads to another host, or from HTTPS to HTTP."""


class UnknownLoginError(Exception):
    """The host asks for a login, and not by Basic or by Digest with MD5."""


HTTP_ERRORS = (ElsewhereError, UnknownLoginError, OSError, HTTPException, ValueError)
"""What asking for a file may raise: URLError and HTTPError are OSErrors."""


class HttpClient:
    """Asks the host of an address for files. One thread uses it."""

    def __init__(self, location: str, patience: Patience) -> None:
        """Take host, scheme and login from `location`; raise OSError where it names no host."""
        parts = urlsplit(location)
        if not parts.hostname:
            raise OSError(errno.EINVAL, "the address names no host")
        bare = parts._replace(netloc=parts.netloc.rpartition("@")[2], fragment="")
        self.url = _quoted(bare.geturl())
        """The address without the login."""
        self._host = _OneHost(parts, patience)
        self._opener = _opener(parts, self._host)
        self._opener.addheaders = [("User-Agent", "maskstream")]

    def get(self, url: str, headers: dict[str, str] | None = None) -> HTTPResponse:
        """Return the answer; raise one of `HTTP_ERRORS`, whose texts may hold addresses."""
        request = urllib.request.Request(_quoted(url), headers=headers or {})
        try:
            response: HTTPResponse = self._opener.open(request)
        except (InvalidURL, UnicodeError):
            raise
        except ValueError as error:  # what urllib makes of it
            raise UnknownLoginError(str(error)) from None
        else:
            self._host.refused = None
            return response
        finally:
            self._host.close_refused()


def _opener(parts: SplitResult, host: "_OneHost") -> urllib.request.OpenerDirector:
    login = urllib.request.HTTPPasswordMgrWithDefaultRealm()
    if parts.username is not None:
        origin = parts._replace(netloc=parts.netloc.rpartition("@")[2], path="/", query="", fragment="")
        login.add_password(None, origin.geturl(), unquote(parts.username), unquote(parts.password or ""))
    opener = urllib.request.OpenerDirector()
    for handler in (
        host,
        _FewRedirects(),
        urllib.request.HTTPCookieProcessor(),
        urllib.request.HTTPDigestAuthHandler(login),
        urllib.request.HTTPBasicAuthHandler(login),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.UnknownHandler(),
    ):
        opener.add_handler(handler)
    return opener


class _FewRedirects(urllib.request.HTTPRedirectHandler):
    max_redirections = max_repeats = MOST_REDIRECTS


class _OneHost(urllib.request.AbstractHTTPHandler):
    """Makes the connections, and closes those over which came but a request for a login, or a refusal."""

    def __init__(self, parts: SplitResult, patience: Patience) -> None:
        super().__init__()
        self._parts = parts
        self._patience = patience
        self.refused: HTTPResponse | None = None
        """The newest answer, until it turns out to be of use."""

    def close_refused(self) -> None:
        if self.refused is not None:
            self.refused.close()
            self.refused = None

    def http_open(self, request: urllib.request.Request) -> HTTPResponse:
        if self._parts.scheme == "https":
            raise ElsewhereError("it leads from HTTPS to HTTP")
        return self._open(_Connection, request)

    def https_open(self, request: urllib.request.Request) -> HTTPResponse:
        return self._open(_EncryptedConnection, request)

    http_request = https_request = urllib.request.AbstractHTTPHandler.do_request_

    def _open(self, kind: "type[_Connection]", request: urllib.request.Request) -> HTTPResponse:
        self.close_refused()
        self.refused = self.do_open(partial(kind, allowed_host=self._parts.hostname, patience=self._patience), request)
        return self.refused


class _Connection(HTTPConnection):
    def __init__(self, host: str, *, allowed_host: str | None, patience: Patience, **options: Any) -> None:
        super().__init__(host, **options)
        self._allowed_host = allowed_host
        self._patience = patience

    def connect(self) -> None:
        self.sock = self._dial()

    def _dial(self) -> Wire:
        if self.host.lower() != self._allowed_host:
            raise ElsewhereError("it leads to another host")
        return Wire.dial(self.host, self.port, self._patience)


class _EncryptedConnection(_Connection):
    default_port = 443

    def _dial(self) -> Wire:
        return super()._dial().encrypted(self.host)


def _quoted(url: str) -> str:
    """Return `url` with what must not stand in a request percent-encoded, and only that."""
    return quote(url, safe=_KEPT_CHARACTERS)
