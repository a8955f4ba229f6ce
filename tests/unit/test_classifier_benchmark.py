from pathlib import Path

import numpy as np
import onnx
import pytest

from benchmarks import classifier
from benchmarks.classifier import Cost, Effort, Extras
from benchmarks.classifier_contenders import AFTER_PASSES, OPENVINO_INT8, OURS
from benchmarks.classifier_limit import products_of, products_per_s
from exporters.integer_network import integer_network
from tests.networks import dense_graph

# 8 x 3 x 3 x 3 weights at 16 x 16 places; 8 x 8, then 4 x 8 x 3 x 3 at 8 x 8; 6 x 12 at 8 x 8.
DENSE_PRODUCTS = 216 * 256 + 64 * 64 + 288 * 64 + 72 * 64


def test_the_products_of_a_network_are_those_of_its_convolutions() -> None:
    assert products_of(dense_graph()) == DENSE_PRODUCTS


def test_a_network_on_bytes_has_a_quarter_of_the_products_ahead_of_its_mean() -> None:
    crops = np.random.default_rng(0).integers(0, 256, (4, 16, 16, 3), np.uint8)
    network = integer_network(dense_graph(), crops)

    assert isinstance(network, onnx.ModelProto)
    means = 4 * 12 * 16
    assert products_of(network) == DENSE_PRODUCTS - 72 * 64 + 72 * 16 + means


@pytest.mark.parametrize("is_integer", [True, False])
def test_a_matrix_product_has_a_rate(is_integer: bool) -> None:
    assert products_per_s(is_integer=is_integer) > 1e8


def test_costs_are_compared_round_by_round() -> None:
    ours = Cost(OURS, 1, 1, cpu_ms=(2.0, 40.0), wall_ms=(2.0, 40.0))
    theirs = Cost(OPENVINO_INT8, 1, 1, cpu_ms=(4.0, 80.0), wall_ms=(3.0, 60.0))

    ratio = ours.against(theirs)

    assert (ratio.low, ratio.high) == (0.5, 0.5)


def test_without_faces_and_other_runtimes_the_product_is_measured_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(classifier, "THREADS", (1,))
    part = classifier.run(tmp_path, Effort(rounds=2, crops=1, judges=True), Extras(data=tmp_path))

    (table,) = part.tables
    assert [row[:3] for row in table.rows] == [("1", str(batch), OURS) for batch in (1, 4, 16)]
    assert all(row[-1].endswith("%") for row in table.rows)
    assert part.goals == ()
    assert part.plots["classifier.png"].startswith(b"\x89PNG")
    assert AFTER_PASSES not in part.markdown
