"""How receivers of alerts are verified."""

import ssl
from pathlib import Path

from pipeline.errors import ConfigError


def tls_context(ca_file: Path | None) -> ssl.SSLContext:
    """Return a context that verifies certificates and host names, by the system's authorities or those of `ca_file`."""
    try:
        return ssl.create_default_context(cafile=None if ca_file is None else str(ca_file))
    except OSError as error:
        raise ConfigError(
            f"cannot read the certificates of {ca_file}: {error.strerror or error}; name a file of PEM certificates"
        ) from error


def tls_reason(error: object) -> str:
    """Return what an ssl.SSLError says of a peer, in its library's words."""
    return str(getattr(error, "verify_message", None) or getattr(error, "reason", None) or "no reason given")
