"""Static quantisation to 8-bit integers: all from the first convolution on, or the convolutions alone."""

import itertools
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import onnxruntime  # type: ignore[import-untyped]  # ships no types
from onnxruntime.quantization import (  # type: ignore[import-untyped]  # ships no types
    CalibrationDataReader,
    QuantFormat,
    QuantType,
    quantize_static,
)
from onnxruntime.quantization.shape_inference import quant_pre_process  # type: ignore[import-untyped]  # ships no types

from exporters.calibration import batches
from exporters.integer_network import integer_network
from pipeline.types import UInt8Array
from training.faces import LabelledFace

QUANTIZED_OPERATORS = ("Conv",)


class CropReader(CalibrationDataReader):  # type: ignore[misc]  # onnxruntime ships no types
    """Hands crops to the calibration, a batch at a time."""

    def __init__(self, input_name: str, crops: UInt8Array) -> None:
        self._batches = ({input_name: batch} for batch in batches(crops))

    def get_next(self) -> dict[str, UInt8Array] | None:
        """Return the next batch by input name, or None after the last one."""
        return next(self._batches, None)


def quantize(model: onnx.ModelProto, crops: UInt8Array) -> onnx.ModelProto:
    """Return `model` in 8 bits, ranges taken over (N, S, S, 3) uint8 `crops`.

    A network that normalises ahead of its convolutions computes in bytes from the first of them on. In any other the
    convolutions alone do.
    """
    onnxruntime.set_default_logger_severity(4)
    network = integer_network(model, crops)
    return network if network is not None else quantize_convolutions(model, crops)


def quantize_convolutions(model: onnx.ModelProto, crops: UInt8Array) -> onnx.ModelProto:
    """Return `model` with 8-bit convolutions as QDQ pairs and all else in floats, ranges taken over `crops`.

    Weights: signed, symmetric, a scale for each output channel. Activations: unsigned, a scale for each tensor
    (Jacob et al., Quantization and Training of Neural Networks, 2018).
    """
    with tempfile.TemporaryDirectory() as folder:
        given, prepared, quantized = (Path(folder) / name for name in ("given.onnx", "prepared.onnx", "quantized.onnx"))
        # By a file: a model handed over in memory is split into external data, which then is not found.
        onnx.save(model, given)
        # All shapes but the batch are fixed: the symbolic inference, which wants another package, finds nothing more.
        quant_pre_process(given, prepared, skip_symbolic_shape=True)
        quantize_static(
            prepared,
            quantized,
            CropReader(model.graph.input[0].name, crops),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=list(QUANTIZED_OPERATORS),
            per_channel=True,
            # Seven bits of weight, as in `integer_network`.
            reduce_range=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
        )
        return onnx.load(quantized)


def calibration_sample(faces: Sequence[LabelledFace], count: int) -> list[LabelledFace]:
    """Return at most `count` faces, as many of each class as there are, the same ones each time."""
    shuffled = np.random.default_rng(0).permutation(len(faces))
    by_class: dict[int, list[LabelledFace]] = {}
    for index in shuffled:
        by_class.setdefault(faces[index].label, []).append(faces[index])
    turns = itertools.zip_longest(*by_class.values())
    return [face for turn in turns for face in turn if face is not None][:count]
