"""Opens whatever a location names, as a source of frames."""

from datetime import datetime
from pathlib import Path

from pipeline.ports import Source
from pipeline.sources.inputs import is_live
from pipeline.sources.live import Live
from pipeline.sources.recording import Recording


def open_source(
    location: str, stream: str, started_utc: datetime | None = None, sample_per_s: float | None = None
) -> Source:
    """Open a video file, camera or URL; its frames carry the id `stream`.

    `started_utc` is when a recording began, where that is known better than from the file, and `sample_per_s` how many
    of its frames a second are wanted, None: all. Raise SourceError, whose message holds no credentials, where not a
    frame can be had.
    """
    if is_live(location):
        return Live(location, stream)
    return Recording(Path(location), stream, started_utc, sample_per_s)
