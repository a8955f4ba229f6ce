"""How values look in the tables: fixed precision, so that equal runs give equal bytes."""

from datetime import UTC, datetime

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def seconds(value: float) -> str:
    """Return a time in seconds to the millisecond."""
    return f"{value:.3f}"


def share(value: float) -> str:
    """Return a probability or confidence to four places."""
    return f"{value:.4f}"


def pixels(value: float) -> str:
    """Return a length in pixels to a tenth; a negative zero loses its sign."""
    return f"{round(value, 1) + 0.0:.1f}"


def utc(moment: datetime | None) -> str | None:
    """Return ISO 8601 in UTC to the millisecond, or None where the wall clock is unknown.

    A moment without a time zone is taken as UTC.
    """
    if moment is None:
        return None
    aware = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return aware.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def file_name(name: str) -> str:
    """Return `name` so that no spreadsheet takes it for a formula.

    A relative path that begins with = + - @ gets `./` in front: it still names the same file.
    """
    return f"./{name}" if name.startswith(FORMULA_STARTS) else name
