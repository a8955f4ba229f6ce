"""Which values of a configuration are secrets."""

from collections.abc import Iterable, Iterator

from pipeline.config.document import Scalar
from pipeline.config.environment import names_in
from pipeline.config.problem import Location
from pipeline.redact import redact

SECRET_KEYS = frozenset({"password", "password_hash", "secret", "token", "url"})
"""The keys whose values are never shown; a test holds them against the schema."""


def is_secret(location: Location) -> bool:
    """Tell whether the value at `location` is never shown."""
    return bool(location) and location[-1] in SECRET_KEYS and "labels" not in location


def shown_secrets(scalars: Iterable[Scalar]) -> Iterator[tuple[Scalar, str]]:
    """Yield each value that would show what is a secret elsewhere in the file, with the `NAME` of the secret."""
    scalars = tuple(scalars)
    secrets = frozenset(name for scalar in scalars for name in _secret_names(scalar))
    for scalar in scalars:
        if not is_secret(scalar.location):
            yield from ((scalar, name) for name in sorted(secrets & names_in(scalar.written)))


def _secret_names(scalar: Scalar) -> frozenset[str]:
    if not is_secret(scalar.location):
        return frozenset()
    names = names_in(scalar.written)
    # The host of a camera may well be a label too; its password may not.
    return names - names_in(redact(scalar.written)) if scalar.location[0] == "streams" else names
