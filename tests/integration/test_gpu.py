"""The shipped model on an NVIDIA GPU: with MASKSTREAM_REQUIRE_GPU=1 a machine without one fails these."""

from collections.abc import Iterator
from contextlib import closing
from importlib.util import find_spec

import numpy as np
import pytest

from pipeline.inference.model_files import GPU_PREFERENCE, default_model
from pipeline.inference.onnx_classifier import OnnxClassifier, open_classifier
from pipeline.types import UInt8Array
from tests.machine import leave_out

pytestmark = pytest.mark.needs_gpu

HALF_PRECISION = 0.02
"""On 2,218 faces fp16 differed from fp32 by 0.0004 at most, computed in floats; sums of halves round more."""


@pytest.fixture(scope="module")
def crops() -> UInt8Array:
    """50 crops of patches, from black to white."""
    patches = np.random.default_rng(3).integers(0, 256, (50, 8, 8, 3), np.uint8)
    return patches.repeat(12, axis=1).repeat(12, axis=2)


@pytest.fixture(params=["cuda", "tensorrt"])
def on_gpu(request: pytest.FixtureRequest) -> Iterator[OnnxClassifier]:
    if request.param == "tensorrt" and find_spec("tensorrt") is None:
        leave_out("TensorRT is not installed: `pip install tensorrt`", "MASKSTREAM_REQUIRE_TENSORRT")
    with closing(open_classifier(device=request.param)) as classifier:
        classifier.warm_up()
        yield classifier


def test_the_gpu_runs_the_model_in_halves(on_gpu: OnnxClassifier) -> None:
    assert on_gpu.provider in {"CUDAExecutionProvider", "TensorrtExecutionProvider"}
    assert on_gpu.card.precision == "fp16"


def test_the_gpu_answers_as_the_cpu_does(on_gpu: OnnxClassifier, crops: UInt8Array) -> None:
    with closing(open_classifier(default_model(GPU_PREFERENCE), device="cpu")) as on_cpu:
        expected = on_cpu.classify(crops)

    np.testing.assert_allclose(on_gpu.classify(crops), expected, atol=HALF_PRECISION)


def test_a_crop_scores_the_same_in_any_company(on_gpu: OnnxClassifier, crops: UInt8Array) -> None:
    together = on_gpu.classify(crops)

    for first, count in ((0, 1), (7, 33), (40, 10)):
        np.testing.assert_array_equal(on_gpu.classify(crops[first : first + count]), together[first : first + count])
