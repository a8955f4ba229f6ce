"""What `maskstream process` costs once it is up: its own engine, inputs and files, timed between two moments.

`python -m benchmarks.our_pipeline [options] CLIP...` prints what it cost. The clock starts when every input has been
opened, its detector loaded and the classifier warmed up, and stops when every file is written and closed.
"""

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Barrier
from typing import Any

from benchmarks.memory_log import MemoryLog
from benchmarks.timed_run import Stopwatch, TimedRun, tell
from pipeline.app import DetectionOptions, Engine
from pipeline.errors import SourceError
from pipeline.input_job import InputJob, Order, ProcessOptions
from pipeline.ports import Source
from pipeline.process import ProcessRun
from pipeline.sinks.prometheus import PrometheusTelemetry
from pipeline.sources.opening import open_source
from pipeline.types import Frame, SourceInfo


class HeldBack:
    """A `Source` whose first frame waits for all others to be asked for theirs."""

    def __init__(self, source: Source, started: Barrier) -> None:
        self._source = source
        self._started = started

    @property
    def info(self) -> SourceInfo:
        return self._source.info

    def frames(self) -> Iterator[Frame]:
        self._started.wait()
        yield from self._source.frames()

    def close(self) -> None:
        self._source.close()


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.our_pipeline", description=__doc__)
    parser.add_argument("clips", nargs="+", type=Path, metavar="CLIP", help="all at once")
    parser.add_argument("--video", action="store_true", help="write the annotated video too")
    parser.add_argument("--sample", type=float, metavar="FPS", help="skim the clips")
    options = parser.parse_args(arguments)
    with TemporaryDirectory(prefix="our-pipeline-") as folder:
        tell(run(options.clips, Path(folder), with_video=options.video, sample_per_s=options.sample))


def run(clips: Sequence[Path], folder: Path, *, with_video: bool, sample_per_s: float | None = None) -> TimedRun:
    """Judge the clips side by side with the command's defaults; its files go into `folder`.

    All frames of the clips count, looked at or not.
    """
    telemetry = PrometheusTelemetry()
    watch = Stopwatch()
    started = Barrier(len(clips), action=watch.start)
    with Engine.open(telemetry) as engine, MemoryLog() as log:
        process = ProcessRun(engine, ProcessOptions(DetectionOptions(), with_video, jobs=len(clips)))
        for number, clip in enumerate(clips):
            process.add(Order(str(clip), folder / str(number), _opener(clip, started, sample_per_s)))
        done = [job for job in process.completed() if job is not None]
        frames, persons = sum(map(_frames_of, done)), sum(map(_persons_of, done))
        timed = watch.run_of(frames, persons)
    return replace(timed, mb_per_hour=log.mb_per_hour)


def _opener(clip: Path, started: Barrier, sample_per_s: float | None) -> Callable[[], Source]:
    # Revisions that know no sampling are measured too.
    sampling: dict[str, Any] = {} if sample_per_s is None else {"sample_per_s": sample_per_s}
    return lambda: HeldBack(open_source(str(clip), clip.stem, **sampling), started)


def _frames_of(job: InputJob) -> int:
    """Return how many frames the clip of a job that is over has."""
    counted = None if job.info is None else job.info.frame_count
    return counted or int(_summary_of(job)["frames"])


def _persons_of(job: InputJob) -> int:
    return sum(_summary_of(job)["persons"].values())


def _summary_of(job: InputJob) -> dict[str, Any]:
    """Return what became of an input; raise its error where it failed, and SourceError where it was not finished."""
    if job.error is not None:
        raise job.error
    if job.summary is None:
        raise SourceError(f"{job.name} has no summary")
    return job.summary


if __name__ == "__main__":
    main()
