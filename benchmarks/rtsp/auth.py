"""Basic and Digest authentication (RFC 2617), the server's side."""

import hashlib
import hmac
import re
from base64 import b64encode
from dataclasses import dataclass, field
from enum import Enum

REALM = "camera"
NONCE = "dcd98b7102dd2f0e8b11d0f600bfb0c0"


class Scheme(Enum):
    """How the password travels."""

    BASIC = "Basic"
    DIGEST = "Digest"


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who may look."""

    user: str
    password: str = field(repr=False)
    scheme: Scheme = Scheme.BASIC

    @property
    def challenge(self) -> str:
        """The value of WWW-Authenticate."""
        return f'{self.scheme.value} realm="{REALM}"' + (f', nonce="{NONCE}"' if self.scheme is Scheme.DIGEST else "")

    def allow(self, method: str, authorization: str) -> bool:
        """Tell whether the header of a request of that method proves the password."""
        if self.scheme is Scheme.BASIC:
            proof = b64encode(f"{self.user}:{self.password}".encode()).decode()
            return hmac.compare_digest(authorization, f"Basic {proof}")
        given = dict(re.findall(r'(\w+)="([^"]*)"', authorization))
        return hmac.compare_digest(given.get("response", ""), self._digest(method, given.get("uri", "")))

    def _digest(self, method: str, uri: str) -> str:
        who, what = _md5(f"{self.user}:{REALM}:{self.password}"), _md5(f"{method}:{uri}")
        return _md5(f"{who}:{NONCE}:{what}")


def _md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()
