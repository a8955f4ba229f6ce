"""The models of the loops that `maskstream bench` runs beside the product, asked about one face at a time.

`python -m benchmarks.loop_models LOOP CLIP MODEL FRAMES` prints what that loop cost, with a .keras or an .onnx model.
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


def open_model(path: Path) -> tuple[Classify, int]:
    """Return what gives the scores of a (1, S, S, 3) uint8 RGB crop, and S in pixels; raises MaskstreamError."""
    return _keras(path) if path.suffix == ".keras" else _onnx(path)


def _keras(path: Path) -> tuple[Classify, int]:
    from exporters.keras_options import KerasOptions
    from exporters.keras_source import open_keras

    source = open_keras(path, KerasOptions())
    return lambda crop: np.asarray(source.model(crop, training=False)), source.size_px


def _onnx(path: Path) -> tuple[Classify, int]:
    """Open a session as the runtime's guide does, with all its defaults."""
    import onnxruntime  # type: ignore[import-untyped]  # ships no types

    from pipeline.model_card import read_card

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return lambda crop: session.run(None, {name: crop})[0], read_card(path).input_size_px


def main() -> None:
    loop, clip, model, frames = sys.argv[1:]
    classify, size_px = open_model(Path(model))
    with TemporaryDirectory(prefix="loop-") as folder:
        tell(import_module(loop).loop(Path(clip), Path(folder) / "annotated.mp4", classify, size_px, int(frames)))


if __name__ == "__main__":
    main()
