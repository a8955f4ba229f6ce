"""`maskstream init`: commented examples of a configuration, to begin with."""

from pathlib import Path

from pipeline.console import say
from pipeline.errors import ExitCode, SinkError

CONFIGS = Path(__file__).parents[1] / "configs"
EXAMPLES = {"cameras.yaml": "cameras.minimal.yaml", "cameras.example.yaml": "cameras.example.yaml"}
"""What is written, and the file of `configs` that it is a copy of."""


def run_init(folder: Path) -> ExitCode:
    """Write the examples into `folder`, made where it is missing; raises SinkError, and overwrites nothing."""
    targets = {folder / name: (CONFIGS / source).read_bytes() for name, source in EXAMPLES.items()}
    for path in targets:
        if path.exists() or path.is_symlink():
            raise SinkError(f"{path} exists already, so nothing was written; name another folder")
    for path, content in targets.items():
        _write(path, content)
    first = next(iter(targets))
    say(f"wrote {' and '.join(map(str, targets))}; `maskstream check {first}` says what {first.name} would run")
    return ExitCode.OK


def _write(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Not "w": a file that appeared meanwhile is not ours.
        with path.open("xb") as file:
            file.write(content)
    except OSError as error:
        raise SinkError(f"{path} can't be written: {(error.strerror or str(error)).lower()}") from None
