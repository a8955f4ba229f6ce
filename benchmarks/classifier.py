"""`classifier`: what a crop costs on each runtime, by batch and threads, beside the cost of its arithmetic alone."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray

from benchmarks.classifier_contenders import (
    OPENVINO_INT8,
    OURS,
    Classify,
    Graphs,
    graphs_of,
    opened,
)
from benchmarks.classifier_limit import products_of, products_per_s
from benchmarks.plots import bars
from benchmarks.report_part import Goal, Part, Table
from benchmarks.rounds import Spread
from exporters.card_figures import checked_faces
from exporters.derived_export import CALIBRATION_FACES
from exporters.quantization import calibration_sample
from pipeline.inference.model_files import CPU_PREFERENCE, default_model
from pipeline.model_card import read_card
from pipeline.types import STATE_COUNT, UInt8Array
from training.crops import serving_crops

BATCHES, THREADS = (1, 4, 16), (1, 2)
FACES, SPLIT = "faces.zip", "val"
BAR_OF_COST, BAR_OF_ACCURACY = 1.0, -0.005

METHOD = f"""Milliseconds a crop, the median of the rounds (lowest-highest): CPU time of all threads, and wall time. \
In each round every contender classifies the same crops, one after the other, and a ratio is taken within its round.

- *{OURS}*: the shipped model through the product's own port. Its threads each take a part of a batch; the other \
runtimes' threads share each operator, with their defaults.
- *OpenVINO*: its native runtime; fp32 without bfloat16; int8 quantised by NNCF from the same fp32 model over the same \
{CALIBRATION_FACES} faces.
- *share of the limit*: the time that the convolutions' products would take at the rate of a 1024 x 1024 x 1024 matrix \
product of the same type on ONNX Runtime, over the CPU time; bytes for int8, floats for the rest."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How long the part may take: rounds of each case, crops in each, and whether accuracy is compared too."""

    rounds: int
    crops: int
    judges: bool


QUICK, FULL = Effort(3, 16, judges=False), Effort(9, 32, judges=True)


@dataclass(frozen=True, slots=True)
class Extras:
    """`keras` is the model of a run, or `fp32` what the exporters made of it: what the shipped model came of.

    `data` is the folder of the shared data: without its faces crops are noise, nothing is calibrated or judged. Nor is
    a model judged that is not `trained`.
    """

    keras: Path | None = None
    fp32: Path | None = None
    data: Path | None = None
    is_trained: bool = True


@dataclass(frozen=True, slots=True)
class Cost:
    """What a contender's crops cost in one case, a value a round, in milliseconds a crop."""

    contender: str
    batch: int
    threads: int
    cpu_ms: tuple[float, ...]
    wall_ms: tuple[float, ...]

    def against(self, other: "Cost") -> Spread:
        """Return the ratio of the CPU times, round by round."""
        return Spread.of(mine / theirs for mine, theirs in zip(self.cpu_ms, other.cpu_ms, strict=True))


@dataclass(frozen=True, slots=True, eq=False)
class Faces:
    """(N, S, S, 3) crops to classify, their (N,) labels, and crops to calibrate on.

    `columns` has the label that each output of the model stands for.
    """

    crops: UInt8Array
    labels: NDArray[np.int64]
    calibration: UInt8Array
    columns: tuple[int, ...]


def run(folder: Path, effort: Effort, extras: Extras) -> Part:
    """Measure and return the part; `folder` gets the models in between. Raises MaskstreamError."""
    ours = default_model(CPU_PREFERENCE)
    faces = _faces(extras.data, ours)
    graphs = graphs_of(folder, ours, extras.keras, extras.fp32, faces.calibration)
    costs: list[Cost] = []
    accuracies: dict[str, float] = {}
    for threads in THREADS:
        with opened(graphs, threads) as contenders:
            for batch in BATCHES:
                costs += _measured(contenders, faces.crops, effort, (batch, threads))
            if threads == THREADS[0] and effort.judges and extras.is_trained and len(faces.labels):
                accuracies = _accuracies(contenders, faces)
    limits = _limits(graphs)
    return Part(
        "classifier",
        METHOD,
        (_table(costs, limits), *([_accuracy_table(accuracies)] if accuracies else [])),
        _goals(costs, accuracies),
        plots={"classifier.png": _plot(costs)},
        data={"costs": [asdict(cost) for cost in costs], "limit_ms": limits, "accuracy": accuracies},
    )


def _faces(data: Path | None, model: Path) -> Faces:
    card = read_card(model)
    size_px = card.input_size_px
    if data is None or not (data / FACES).is_file():
        noise = np.random.default_rng(0).integers(0, 256, (max(BATCHES) * 2, size_px, size_px, 3), np.uint8)
        return Faces(noise, np.empty(0, np.int64), noise[:0], card.columns)
    found = checked_faces(data / FACES, SPLIT, size_px)
    calibration = calibration_sample(found.faces, CALIBRATION_FACES)
    return Faces(found.crops, found.labels, serving_crops(calibration, size_px), card.columns)


def _measured(
    contenders: Mapping[str, Classify], crops: UInt8Array, effort: Effort, case: tuple[int, int]
) -> list[Cost]:
    """Return the cost of each contender at one (batch, threads)."""
    batch, threads = case
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in contenders}
    for classify in contenders.values():
        classify(crops[:batch])
    for _ in range(effort.rounds):
        for name, classify in contenders.items():
            taken[name].append(_cost_ms(classify, crops[: effort.crops], batch))
    return [
        Cost(name, batch, threads, tuple(cpu for cpu, _ in one), tuple(wall for _, wall in one))
        for name, one in taken.items()
    ]


def _cost_ms(classify: Classify, crops: UInt8Array, batch: int) -> tuple[float, float]:
    """Return the CPU time and the wall time of a crop in milliseconds."""
    cpu_s, wall_s = time.process_time(), time.perf_counter()
    for first in range(0, len(crops), batch):
        classify(crops[first : first + batch])
    cpu_s, wall_s = time.process_time() - cpu_s, time.perf_counter() - wall_s
    return 1000 * cpu_s / len(crops), 1000 * wall_s / len(crops)


def _accuracies(contenders: Mapping[str, Classify], faces: Faces) -> dict[str, float]:
    """Return by name the share of the faces that get the class of their label, for the networks on bytes."""
    found = {}
    for name in contenders.keys() & {OURS, OPENVINO_INT8}:
        parts = np.array_split(faces.crops, -(-len(faces.crops) // max(BATCHES)))
        columns = np.arange(STATE_COUNT) if name == OURS else np.array(faces.columns)
        table = np.concatenate([contenders[name](part) for part in parts])
        found[name] = float((columns[table.argmax(axis=1)] == faces.labels).mean())
    return found


def _limits(graphs: Graphs) -> dict[str, float]:
    """Return the milliseconds that the products of one crop take on one core, for bytes and for floats."""
    limits = {}
    for kind, path in (("int8", graphs.ours), ("fp32", graphs.after_passes)):
        if path is not None:
            rate = products_per_s(is_integer=kind == "int8")
            limits[kind] = 1000 * products_of(onnx.load(path)) / rate
    return limits


def _table(costs: Sequence[Cost], limits: Mapping[str, float]) -> Table:
    rows = []
    for cost in costs:
        cpu, wall = Spread.of(cost.cpu_ms), Spread.of(cost.wall_ms)
        limit_ms = limits.get("int8" if "int8" in cost.contender else "fp32")
        share = "" if limit_ms is None else f"{limit_ms / cpu.median:.0%}"
        rows.append((str(cost.threads), str(cost.batch), cost.contender, str(cpu), str(wall), share))
    head = ("threads", "crops at once", "contender", "CPU ms a crop", "wall ms a crop", "share of the limit")
    return Table("Cost of a crop", head, tuple(rows))


def _accuracy_table(accuracies: Mapping[str, float]) -> Table:
    rows = tuple((name, f"{share:.4f}") for name, share in accuracies.items())
    return Table(f"Share of the faces of `{SPLIT}` that get the class of their label", ("network", "accuracy"), rows)


def _goals(costs: Sequence[Cost], accuracies: Mapping[str, float]) -> tuple[Goal, ...]:
    """Return the bars against OpenVINO, where it was measured."""
    by_case = {(cost.contender, cost.threads, cost.batch): cost for cost in costs}
    goals = [
        Goal(
            f"CPU time a crop against {OPENVINO_INT8}, {threads} thread(s), {batch} at once",
            BAR_OF_COST,
            by_case[OURS, threads, batch].against(by_case[OPENVINO_INT8, threads, batch]),
            is_ceiling=True,
        )
        for name, threads, batch in by_case
        if name == OPENVINO_INT8
    ]
    if OPENVINO_INT8 in accuracies:
        ahead = Spread.of([accuracies[OURS] - accuracies[OPENVINO_INT8]])
        goals.append(Goal(f"accuracy less {OPENVINO_INT8}'s", BAR_OF_ACCURACY, ahead))
    return tuple(goals)


def _plot(costs: Sequence[Cost]) -> bytes:
    groups: dict[str, dict[str, Spread]] = {}
    for cost in costs:
        case = f"{cost.threads} thread(s), {cost.batch} at once"
        groups.setdefault(case, {})[cost.contender] = Spread.of(cost.cpu_ms)
    return bars(groups, "CPU ms a crop")
