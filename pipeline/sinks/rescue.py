"""Finishes the recorded segments that a crash left."""

from pathlib import Path

import av

from pipeline.sinks.segment_folder import SegmentFolder
from pipeline.sinks.whole_file import partial_path, publish


def rescue_all(folder: SegmentFolder) -> list[Path]:
    """Finish what a crash left in a folder that is claimed, before anything is recorded; return what was rescued."""
    rescued = (rescue(partial.path.with_suffix("")) for partial in folder.unfinished())
    return [path for path in rescued if path is not None]


def rescue(path: Path) -> Path | None:
    """Give the partial of `path` its name where it plays, else remove it; return `path` where it played.

    Raises OSError where the disk refuses: the partial then stays.
    """
    partial = partial_path(path)
    if _plays(partial):
        publish(path)
        return path
    partial.unlink(missing_ok=True)
    return None


def _plays(path: Path) -> bool:
    """Return whether a first picture can be decoded: a file cut off before its first fragment has none."""
    try:
        with av.open(str(path), format="mp4") as container:
            return next(container.decode(video=0), None) is not None
    except (av.FFmpegError, IndexError):
        return False
