"""`summary.json`: one input's figures, with what is needed to judge and repeat them."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from pipeline.sinks.people import PeopleTally
from pipeline.sinks.whole_file import WholeFile
from pipeline.statistics import wilson_interval
from pipeline.types import SCORED_STATES, MaskState
from pipeline.vision.tally import Tally


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """The model that gave the verdicts, the classes that it knows, and what it ran on."""

    name: str
    sha256: str
    precision: str
    provider: str
    classes: tuple[str, ...] = tuple(state.value for state in SCORED_STATES)

    def as_json(self) -> dict[str, Any]:
        """Return the facts as JSON values."""
        return {**asdict(self), "classes": list(self.classes)}

    def known_states(self, counts: Mapping[str, int]) -> dict[str, int]:
        """Return `counts` by state, less the states that no verdict of this model can be."""
        return {state: count for state, count in counts.items() if state in {*self.classes, MaskState.UNKNOWN.value}}


@dataclass(frozen=True, slots=True)
class InputFlaws:
    """What was wrong with the input, as far as it could be read all the same."""

    damaged_packets: int = 0
    skipped_frames: int = 0
    ended_early: bool = False
    message: str | None = None


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What the results themselves don't tell; `input_name` is safe to print.

    With `sample_per_s` only so many frames of each second were processed.
    """

    input_name: str
    wall_s: float
    model: ModelFacts
    version: str
    interrupted: bool = False
    flaws: InputFlaws = field(default_factory=InputFlaws)
    sample_per_s: float | None = None


def summary(people: PeopleTally, run: RunFacts) -> dict[str, Any]:
    """Return the summary as JSON values: times in seconds, shares in [0, 1].

    The rate, and its 95 % score interval, is null where nobody was judged. States that the model does not know are
    left out.
    """
    tally = people.tally
    return {
        "input": run.input_name,
        "duration_s": round(people.duration_s, 3),
        "frames": people.frames,
        "sample_per_s": run.sample_per_s,
        "faces": people.faces,
        "persons": run.model.known_states(asdict(tally)),
        "compliance": _compliance(tally),
        "wall_s": round(run.wall_s, 3),
        "frames_per_s": round(people.frames / run.wall_s, 2) if run.wall_s > 0 else 0.0,
        "interrupted": run.interrupted,
        "flaws": asdict(run.flaws),
        "model": run.model.as_json(),
        "version": run.version,
    }


def write_summary(path: Path, people: PeopleTally, run: RunFacts) -> dict[str, Any]:
    """Write the summary to `path`, whole, and return it; raise SinkError where the disk refuses."""
    content = summary(people, run)
    file = WholeFile(path)
    file.write(json.dumps(content, indent=2, ensure_ascii=False) + "\n")
    file.close()
    return content


def _compliance(tally: Tally) -> dict[str, Any]:
    rate = tally.compliance
    if rate is None:
        return {"rate": None, "interval_95": None}
    interval = wilson_interval(tally.masked, tally.judged)
    return {"rate": round(rate, 4), "interval_95": [round(bound, 4) for bound in interval]}
