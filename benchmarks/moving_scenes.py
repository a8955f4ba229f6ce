"""Clips of persons who move and whose truth is known: photographs that pass the camera, and the drawn ones."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from benchmarks.policy_scenes import Scene, drawn_scenes
from benchmarks.portraits import portrait_scenes
from pipeline.inference.detectors import open_detector
from pipeline.sources.demo_picture import demo_picture
from pipeline.sources.pictures import load_picture
from pipeline.sources.synthetic import FacePicture
from training.faces import load_faces


@dataclass(frozen=True, slots=True)
class Effort:
    """How many photographs pass at most, and the seeds of the drawn clips."""

    photographs: int
    seeds: tuple[int, ...]


QUICK, FULL = Effort(16, ()), Effort(240, (1, 2, 3))


def moving_scenes(data: Path, folder: Path, effort: Effort) -> Iterator[Scene]:
    """Yield the clips, made in `folder` of the shared data in `data`; raises SourceError where something is missing."""
    yield from portrait_scenes(load_faces(data / "faces.zip", ["val"]), folder, effort.photographs)
    yield from drawn_scenes(demo_face(), folder, effort.seeds)


def demo_face() -> FacePicture:
    """Return the face that drawn persons have."""
    picture = load_picture(demo_picture())
    with closing(open_detector("short")) as detector:
        return FacePicture.of(picture, detector.detect(picture))
