"""The models of the loops that `maskstream bench` runs beside the product, asked about one face at a time.

`python -m benchmarks.loop_models LOOP CLIP MODEL FRAMES` prints what that loop cost, with a .keras or an .onnx model;
the model `weights-drawn` is Keras's stand-in for the shipped one.
"""

import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias

import numpy as np

from benchmarks.timed_run import tell

Classify: TypeAlias = Callable[[Any], Any]

STAND_IN = Path("weights-drawn")


def open_model(path: Path) -> tuple[Classify, int]:
    """Return what gives the scores of a (1, S, S, 3) uint8 RGB crop, and S in pixels; raises MaskstreamError."""
    return _onnx(path) if path.suffix == ".onnx" else _keras(None if path == STAND_IN else path)


def _keras(path: Path | None) -> tuple[Classify, int]:
    from benchmarks.keras_network import open_network

    source = open_network(path)
    return lambda crop: np.asarray(source.model(crop, training=False)), source.size_px


def _onnx(path: Path) -> tuple[Classify, int]:
    """Open a session as the runtime's guide does, with all its defaults."""
    import onnxruntime  # type: ignore[import-untyped]  # ships no types

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    pixels = session.get_inputs()[0]
    return lambda crop: session.run(None, {pixels.name: crop})[0], int(pixels.shape[1])


def main() -> None:
    loop, clip, model, frames = sys.argv[1:]
    classify, size_px = open_model(Path(model))
    with TemporaryDirectory(prefix="loop-") as folder:
        tell(import_module(loop).loop(Path(clip), Path(folder) / "annotated.mp4", classify, size_px, int(frames)))


if __name__ == "__main__":
    main()
