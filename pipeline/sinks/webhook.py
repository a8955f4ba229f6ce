"""Alerts by HTTP POST."""

import hashlib
import hmac
import logging
from pathlib import Path

import urllib3
from urllib3.util import Timeout, Url, parse_url

from pipeline.alerts.alert import Alert
from pipeline.alerts.message import encode
from pipeline.alerts.receiver import ReceiverError
from pipeline.errors import ConfigError
from pipeline.sinks.tls import tls_context, tls_reason

# At DEBUG it writes each request's path into the log, and receivers keep their secrets there.
logging.getLogger("urllib3.connectionpool").setLevel(logging.INFO)

KEY_HEADER = "Idempotency-Key"
SIGNATURE_HEADER = "X-Maskstream-Signature-256"

REJECTIONS = frozenset({400, 410, 413, 415, 422})
"""Statuses that judge this very notice. All others, a wrong token or address included, may be mended meanwhile."""


class Webhook:
    """Posts each notice as JSON (`configs/alerts/alert.schema.json`) over a connection of its own.

    Alerts are rare: a kept connection would mostly be found dead. Any status of 200 to 299 is the receipt; the answer's
    body is not read and redirections are not followed. TLS is verified by the system's certificates, or those of
    `ca_file`. With a `secret` the header X-Maskstream-Signature-256 is `sha256=` and the hexadecimal HMAC-SHA256 of the
    body. The URL may hold a user and password (Basic authentication); of the URL only scheme, host and port are ever
    shown, and they only without a `name`.
    """

    def __init__(
        self, url: str, secret: str | None = None, ca_file: Path | None = None, name: str | None = None
    ) -> None:
        """Raises ConfigError for what is no HTTP address, and where `ca_file` can't be read."""
        self._url = _parsed(url)
        self._name = name or f"webhook {self._url.scheme}://{self._url.netloc}"
        self._secret = secret
        self._tls = tls_context(ca_file) if self._url.scheme == "https" else None

    @property
    def name(self) -> str:
        return self._name

    def deliver(self, alert: Alert, timeout_s: float) -> None:
        """Post the notice once; raise ReceiverError where no receipt came."""
        body = encode(alert)
        try:
            status = self._post(body, self._headers(alert, body), timeout_s)
        except urllib3.exceptions.HTTPError as error:
            raise ReceiverError(_reason(error, timeout_s)) from None  # what urllib3 says may hold the whole URL
        if not 200 <= status < 300:
            raise ReceiverError(f"it answered with status {status}", is_final=status in REJECTIONS)

    def _post(self, body: bytes, headers: dict[str, str], timeout_s: float) -> int:
        """Return the status of the answer."""
        address = self._url._replace(auth=None).url
        with urllib3.PoolManager(num_pools=1, ssl_context=self._tls) as pool:
            answer = pool.request(
                "POST",
                address,
                body=body,
                headers=headers,
                timeout=Timeout(total=timeout_s),
                retries=False,
                redirect=False,
                preload_content=False,
            )
            answer.close()
            return answer.status

    def _headers(self, alert: Alert, body: bytes) -> dict[str, str]:
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "maskstream",
            KEY_HEADER: alert.idempotency_key,
        }
        if self._url.auth:
            headers |= urllib3.make_headers(basic_auth=self._url.auth)
        if self._secret is not None:
            headers[SIGNATURE_HEADER] = f"sha256={signature(self._secret, body)}"
        return headers


def signature(secret: str, body: bytes) -> str:
    """Return the HMAC-SHA256 (RFC 2104) of `body` in hexadecimal digits."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def _parsed(url: str) -> Url:
    try:
        parsed = parse_url(url)
    except urllib3.exceptions.LocationParseError:
        parsed = Url()
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise ConfigError(
            "the address of a webhook looks like https://host/path, got another text (not shown: it may be secret)"
        )
    return parsed


def _reason(error: urllib3.exceptions.HTTPError, timeout_s: float) -> str:
    """Say what went wrong in words of ours."""
    if isinstance(error, urllib3.exceptions.NameResolutionError):
        return "its name can't be looked up"
    if isinstance(error, urllib3.exceptions.NewConnectionError):
        return "it takes no connection"
    if isinstance(error, urllib3.exceptions.TimeoutError):
        return f"no answer within {timeout_s:g} s"
    if isinstance(error, urllib3.exceptions.SSLError):
        return f"its TLS was not accepted ({tls_reason(error.args[0] if error.args else None)})"
    return f"the connection broke ({type(error).__name__})"
