"""One encoded picture of a live stream."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Jpeg:
    """A rendered picture; `number` counts those of its preview from 1, `captured_utc` is None where nobody knows."""

    data: bytes = field(repr=False)
    number: int
    captured_utc: datetime | None
