"""The face of a picture, as the demo's persons wear it."""

from contextlib import closing
from pathlib import Path

from pipeline.inference.detectors import open_detector
from pipeline.sources.pictures import load_picture
from pipeline.sources.synthetic import FacePicture


def face_picture(path: Path) -> FacePicture:
    """Return the picture at `path` with its largest face; raises SourceError where it has none that will do."""
    rgb = load_picture(path)
    # The short-range model is made for portraits, whose faces fill much of the picture.
    with closing(open_detector("short")) as detector:
        return FacePicture.of(rgb, detector.detect(rgb))
