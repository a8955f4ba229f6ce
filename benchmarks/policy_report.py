"""The tables and goals of `python -m benchmarks policy`."""

import statistics
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace

from benchmarks.policy_figures import Costs, Person, agreement, delays_s, notices_s, persons, right_share
from benchmarks.policy_run import Judged
from benchmarks.policy_scenes import CHANGED, Scene
from benchmarks.report_part import Goal, Part, Table
from benchmarks.rounds import Spread
from pipeline.types import MaskState

MOST_POINTS = 0.5
"""Of accuracy on persons, that the policy may cost."""

LATEST_S = 0.5
"""The first verdict on a person may come so much later."""

NOTICED_S = 3.5
"""A recheck within 2 s, then four looks 0.3 s apart, each with the 0.1 s or so that it takes to come."""

METHOD = """Each clip is judged in five ways by what `maskstream process --no-video` does, one after the other in one \
process: with `--every-face` (each face of each frame is classified), by the policy (the defaults), by the policy with \
`--every 1`, with `--sample 5` and with `--sample 2`. A person's verdict is the last one on the track that showed them \
on most frames; who was not followed is not judged rightly. *later* is by how much media time the policy's first \
verdict on a person came after that of `--every-face`."""


@dataclass(frozen=True, slots=True)
class ClipRow:
    """One labelled clip: how many persons wear what, and what was made of them.

    `same_as_loop` tells for each person that the users' loop saw whether most of its verdicts are the policy's.
    """

    name: str
    labelled: Counter[MaskState]
    every_face: Counter[MaskState]
    policy: Counter[MaskState]
    same_as_loop: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Measured:
    """The scenes, and what came of each in each way; `asking` is the policy that looks at every frame as well."""

    scenes: tuple[Scene, ...]
    every_face: tuple[Judged, ...]
    policy: tuple[Judged, ...]
    asking: tuple[Judged, ...]
    samples: dict[str, tuple[Judged, ...]]
    clips: tuple[ClipRow, ...]

    def of(self, kind: str) -> "Measured":
        """Return what was measured on the scenes of one kind, the table of clips aside."""
        kept = [index for index, scene in enumerate(self.scenes) if scene.kind == kind]
        samples = {name: _only(judged, kept) for name, judged in self.samples.items()}
        return Measured(
            tuple(self.scenes[index] for index in kept),
            _only(self.every_face, kept),
            _only(self.policy, kept),
            _only(self.asking, kept),
            samples,
            (),
        )

    @property
    def kinds(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(scene.kind for scene in self.scenes))

    @property
    def people(self) -> list[Person]:
        return persons(self.scenes, self.every_face, self.policy)


def part(measured: Measured) -> Part:
    """Return what was measured as a part of a report."""
    asking = replace(measured, policy=measured.asking)
    tables = (
        _costs("Every face → the policy", measured),
        _costs("Every face → the policy, looking at every frame as well", asking),
        _notices(measured.of(CHANGED)),
        _samples(measured),
        _clips(measured.clips),
    )
    return Part("policy", METHOD, tables, tuple(_goals(measured)), data=_data(measured))


def _costs(title: str, measured: Measured) -> Table:
    rows = [_cost_row(kind, measured.of(kind)) for kind in measured.kinds]
    head = ("clips", "persons", "followed", "crops", "CPU s", "right", "first verdict later, s")
    return Table(title, head, (*rows, _cost_row("**all**", measured)))


def _only(judged: Sequence[Judged], kept: Sequence[int]) -> tuple[Judged, ...]:
    return tuple(judged[index] for index in kept)


def _cost_row(name: str, measured: Measured) -> tuple[str, ...]:
    people = measured.people
    slow, quick = Costs.of(measured.every_face), Costs.of(measured.policy)
    return (
        name,
        str(len(people)),
        " → ".join(str(count) for count in _followed(people)),
        f"{slow.crops} → {quick.crops} ({_saved(slow.crops, quick.crops)})",
        f"{slow.cpu_s:.1f} → {quick.cpu_s:.1f} ({_saved(slow.cpu_s, quick.cpu_s)})",
        " → ".join(f"{100 * share:.1f} %" for share in _right(people)) if people else "",
        _median_and_longest(delays_s(people)),
    )


def _followed(people: Sequence[Person]) -> tuple[int, int]:
    return sum(one.every_face is not None for one in people), sum(one.policy is not None for one in people)


def _right(people: Sequence[Person]) -> tuple[float, float]:
    """Return the share of persons who are judged rightly by every face, and by the policy."""
    slow, quick = [one.every_face for one in people], [one.policy for one in people]
    return right_share(people, slow), right_share(people, quick)


def _saved(before: float, after: float) -> str:
    return f"{100 * (after / before - 1):+.0f} %" if before else "none"


def _median_and_longest(delays: Sequence[float]) -> str:
    return f"median {statistics.median(delays):.2f}, longest {max(delays):.2f}" if delays else ""


def _notices(changed: Measured) -> Table:
    rows = ((name, *_noticed(changed.scenes, judged)) for name, judged in _ways(changed))
    return Table("Masks put on and taken off in view", ("way", "changes", "missed", "noticed after, s"), tuple(rows))


def _noticed(scenes: Sequence[Scene], judged: Sequence[Judged]) -> tuple[str, str, str]:
    waits = [wait for scene, one in zip(scenes, judged, strict=True) for wait in notices_s(scene, one)]
    seen = [wait for wait in waits if wait is not None]
    return str(len(waits)), str(len(waits) - len(seen)), _median_and_longest(seen)


def _samples(measured: Measured) -> Table:
    head = ("clips", *(f"{name}: same verdict as the policy" for name in measured.samples))
    kinds = ((kind, measured.of(kind)) for kind in measured.kinds)
    rows = tuple((name, *_agreements(some)) for name, some in (*kinds, ("**all**", measured)))
    return Table("Skimming", head, rows)


def _agreements(measured: Measured) -> Iterator[str]:
    for judged in measured.samples.values():
        same, persons_judged = agreement(measured.scenes, measured.policy, judged)
        yield f"{same} of {persons_judged}"


def _clips(rows: Sequence[ClipRow]) -> Table:
    head = ("clip", "labelled", "every face", "the policy", "as most verdicts of the users' loop")
    cells = (
        (row.name, *map(_counted, (row.labelled, row.every_face, row.policy)), _share(row.same_as_loop)) for row in rows
    )
    return Table("Persons of the labelled clips", head, tuple(cells))


def _counted(states: Counter[MaskState]) -> str:
    return ", ".join(f"{count} {state.value}" for state, count in sorted(states.items(), key=str)) or "nobody"


def _share(same: Sequence[bool]) -> str:
    return f"{sum(same)} of {len(same)}" if same else ""


def _goals(measured: Measured) -> Iterator[Goal]:
    for name, way in (("the policy", measured), ("asking seldom alone", replace(measured, policy=measured.asking))):
        slow, quick = _right(way.people)
        yield _ceiling(f"points of accuracy on persons that {name} costs", MOST_POINTS, [100 * (slow - quick)])
        yield _ceiling(f"first verdict later by {name}, s, at most", LATEST_S, [max(delays_s(way.people))])
    changed = measured.of(CHANGED)
    waits = [wait for pair in zip(changed.scenes, changed.policy, strict=True) for wait in notices_s(*pair)]
    seen = [wait for wait in waits if wait is not None]
    if seen:
        yield _ceiling("a change of mask noticed after, s, at most", NOTICED_S, [max(seen)])
    same = [is_same for row in measured.clips for is_same in row.same_as_loop]
    yield Goal("share of persons with the verdict of the users' loop", 1.0, Spread.of([sum(same) / len(same)]))
    found = sum(row.policy == row.labelled for row in measured.clips)
    yield Goal("labelled clips with exactly their persons", len(measured.clips), Spread.of([found]))


def _ceiling(name: str, bar: float, values: Sequence[float]) -> Goal:
    return Goal(name, bar, Spread.of(values), is_ceiling=True)


def _data(measured: Measured) -> dict[str, object]:
    return {
        kind: {name: asdict(Costs.of(judged)) for name, judged in _ways(measured.of(kind))} for kind in measured.kinds
    }


def _ways(measured: Measured) -> Iterator[tuple[str, Sequence[Judged]]]:
    yield "every face", measured.every_face
    yield "the policy", measured.policy
    yield "the policy, looking at every frame", measured.asking
    yield from measured.samples.items()
