"""Encrypts the URLs in a file, so that only who knows the token of the service can read them."""

import base64
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from pipeline.errors import ConfigError

SALT_BYTES = 16
NONCE_BYTES = 12
KEY_BYTES = 32

# 0.1 s and 32 MiB for each guess at the token; it is derived once in the life of a process.
_SCRYPT_COST = 2**15


class BrokenSealError(ConfigError):
    """What was sealed can't be opened."""


class Seal:
    """Seals URLs under a key that is derived from a token and a salt. Any thread may use it."""

    def __init__(self, token: str, salt: bytes) -> None:
        key = Scrypt(salt=salt, length=KEY_BYTES, n=_SCRYPT_COST, r=8, p=1).derive(token.encode())
        self._cipher = AESGCM(key)

    def close(self, url: str, name: str) -> str:
        """Return `url` sealed, as ASCII; it can be opened under the same `name` alone, so that two can't be swapped."""
        nonce = os.urandom(NONCE_BYTES)
        return base64.b64encode(nonce + self._cipher.encrypt(nonce, url.encode(), name.encode())).decode()

    def open(self, sealed: str, name: str) -> str:
        """Return the URL that was sealed under `name`; raise BrokenSealError."""
        try:
            data = base64.b64decode(sealed, validate=True)
            return self._cipher.decrypt(data[:NONCE_BYTES], data[NONCE_BYTES:], name.encode()).decode()
        except (InvalidTag, ValueError):
            raise BrokenSealError(
                "its URL can't be decrypted: the file was altered, or http.token is another than when the stream was "
                "made, which can be set again"
            ) from None


def new_salt() -> bytes:
    """Return a salt for another file."""
    return os.urandom(SALT_BYTES)
