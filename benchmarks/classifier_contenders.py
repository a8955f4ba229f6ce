"""What runs the classifier: the product, Keras, bare sessions of ONNX Runtime, and OpenVINO where it is installed."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import onnx
import onnxruntime  # type: ignore[import-untyped]  # ships no types

from pipeline.inference.onnx_classifier import open_classifier
from pipeline.types import Float32Array, UInt8Array
from training.backend import start_keras

Classify: TypeAlias = Callable[[UInt8Array], Float32Array]

KERAS = "Keras"
AS_EXPORTED, AFTER_PASSES = "ONNX Runtime fp32, as tf2onnx writes it", "ONNX Runtime fp32, after our passes"
OURS = "maskstream, int8"
OPENVINO_FP32, OPENVINO_INT8 = "OpenVINO fp32", "OpenVINO int8"


@dataclass(frozen=True, slots=True, eq=False)
class Graphs:
    """Each model as a file: `ours` is the product's; None where it can't be had here.

    `keras` is a run's model; `as_exported`, `after_passes` are ONNX in floats, `openvino` is NNCF's 8-bit network.
    """

    ours: Path
    keras: Path | None = None
    as_exported: Path | None = None
    after_passes: Path | None = None
    openvino: Path | None = None


def graphs_of(folder: Path, ours: Path, keras: Path | None, fp32: Path | None, crops: UInt8Array) -> Graphs:
    """Return what can be compared, written into `folder`; `crops` are what NNCF calibrates on.

    `keras` is a run's model, from which the two in floats are made; without it `fp32` stands for the second.
    """
    as_exported, after_passes = (None, fp32) if keras is None else _exported(folder, keras)
    quantized = None
    if after_passes is not None and len(crops) and find_spec("openvino") and find_spec("nncf"):
        quantized = _nncf(folder / "openvino-int8.xml", after_passes, crops)
    return Graphs(ours, keras, as_exported, after_passes, quantized)


@contextmanager
def opened(graphs: Graphs, threads: int) -> Iterator[dict[str, Classify]]:
    """Open all that run on so many threads, by name; Keras, whose threads can't be bound twice, for one thread only."""
    with ExitStack() as stack:
        ours = stack.enter_context(closing(open_classifier(graphs.ours, "cpu", threads)))
        found: dict[str, Classify] = {}
        if graphs.keras is not None and threads == 1:
            found[KERAS] = _keras(graphs.keras)
        for name, path in ((AS_EXPORTED, graphs.as_exported), (AFTER_PASSES, graphs.after_passes)):
            if path is not None:
                found[name] = _session(path, threads)
        if graphs.after_passes is not None and find_spec("openvino"):
            # Left to itself, the runtime computes floats in bfloat16 where the processor has it.
            found[OPENVINO_FP32] = _openvino(graphs.after_passes, threads, INFERENCE_PRECISION_HINT="f32")
        if graphs.openvino is not None:
            found[OPENVINO_INT8] = _openvino(graphs.openvino, threads)
        yield {**found, OURS: ours.classify}


def _exported(folder: Path, keras: Path) -> tuple[Path, Path]:
    import tensorflow as tf  # type: ignore[import-untyped]  # ships no types

    from exporters.keras_options import KerasOptions
    from exporters.keras_source import open_keras
    from exporters.keras_to_onnx import convert, converted

    # TensorFlow takes this before its first operation alone, and the conversion has many.
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    source = open_keras(keras, KerasOptions())
    raw, passed = folder / "as-exported.onnx", folder / "after-passes.onnx"
    onnx.save(converted(source), raw)
    onnx.save(convert(source), passed)
    return raw, passed


def _nncf(out: Path, fp32: Path, crops: UInt8Array) -> Path:
    """Quantise as NNCF's guide does: activations of convolutions asymmetric, weights symmetric, biases corrected."""
    import nncf  # type: ignore[import-not-found,unused-ignore]  # only where it is installed
    import openvino  # type: ignore[import-not-found,unused-ignore]  # only where it is installed

    dataset = nncf.Dataset([crop[np.newaxis] for crop in crops])
    network = nncf.quantize(
        openvino.Core().read_model(fp32), dataset, subset_size=len(crops), preset=nncf.QuantizationPreset.MIXED
    )
    openvino.save_model(network, out, compress_to_fp16=False)
    return out


def _start_keras() -> None:
    """Bind TensorFlow to one thread, which it allows before its first operator only."""
    start_keras()
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)


def _keras(path: Path) -> Classify:
    from exporters.keras_options import KerasOptions
    from exporters.keras_source import open_keras

    model = open_keras(path, KerasOptions()).model
    return lambda crops: np.asarray(model(crops, training=False))


def _session(path: Path, threads: int) -> Classify:
    options: Any = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return lambda crops: np.asarray(session.run(None, {name: crops})[0])


def _openvino(path: Path, threads: int, **options: str) -> Classify:
    """Compile for the least delay, the default of the runtime: all threads work on one request."""
    import openvino

    options = {"INFERENCE_NUM_THREADS": str(threads), "NUM_STREAMS": "1", **options}
    network = openvino.Core().compile_model(path, "CPU", options)
    request = network.create_infer_request()
    return lambda crops: np.asarray(request.infer({0: crops})[network.output(0)])
