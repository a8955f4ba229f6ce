"""The password of those who sign in."""

import hmac
from functools import cache

from argon2 import PasswordHasher, Type
from argon2.exceptions import VerificationError

from pipeline.config.http import HttpConfig

MIN_PASSWORD_CHARACTERS = 12


@cache
def _hasher() -> PasswordHasher:
    # RFC 9106's second choice: 64 MiB, three passes, four lanes. A check takes 0.1 s of two cores.
    return PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=4, type=Type.ID)


def hash_password(password: str) -> str:
    """Return what `http.password_hash` takes; slow on purpose."""
    return _hasher().hash(password)


class Password:
    """What `http.password_hash` was made of, or without one the token. Used by any thread."""

    def __init__(self, config: HttpConfig) -> None:
        self._hash = None if config.password_hash is None else config.password_hash.get_secret_value()
        self._token = None if config.token is None else config.token.get_secret_value().encode()

    def is_right(self, given: str) -> bool:
        """Compare in a time that tells nothing of the password; with a hash that is slow on purpose."""
        given_bytes = given.encode(errors="surrogatepass")
        if self._hash is None:
            return self._token is not None and hmac.compare_digest(given_bytes, self._token)
        try:
            return _hasher().verify(self._hash, given_bytes)
        except VerificationError:
            return False
