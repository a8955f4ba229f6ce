"""Where the picture lies from which the demo and the samples are drawn."""

from importlib.util import find_spec
from pathlib import Path

from pipeline.errors import ConfigError

DEMO_PICTURE = Path("data/astronaut.png")
"""NASA's portrait of Eileen Collins, in the public domain, as scikit-image carries it."""


def demo_picture() -> Path:
    """Return where the picture lies from which the demo is made; raises ConfigError where it isn't installed."""
    package = find_spec("skimage")
    folders = package.submodule_search_locations if package else None
    path = Path(folders[0]) / DEMO_PICTURE if folders else None
    if path is None or not path.is_file():
        raise ConfigError(
            "the demo's picture comes with scikit-image, which is not installed: "
            "install maskstream[demo], or give a picture of a face with --picture FILE"
        )
    return path
