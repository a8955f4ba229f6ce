"""Figures over persons, for `python -m benchmarks policy`: who was judged rightly, how soon, and how alike."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.policy_run import Found, Judged, found
from benchmarks.policy_scenes import Scene
from pipeline.types import MaskState


@dataclass(frozen=True, slots=True)
class Person:
    """One person of a scene: what they wore at last, and what was made of them; None where nobody followed them."""

    kind: str
    wears: MaskState
    every_face: Found | None
    policy: Found | None


@dataclass(frozen=True, slots=True)
class Costs:
    """The crops and the CPU seconds of all clips of a kind."""

    crops: int
    cpu_s: float

    @classmethod
    def of(cls, judged: Sequence[Judged]) -> "Costs":
        return cls(sum(one.crops for one in judged), sum(one.cpu_s for one in judged))


def persons(scenes: Sequence[Scene], every_face: Sequence[Judged], policy: Sequence[Judged]) -> list[Person]:
    """Return all persons of the scenes."""
    people = []
    for scene, slow, quick in zip(scenes, every_face, policy, strict=True):
        slowly, quickly = found(scene, slow.sights), found(scene, quick.sights)
        people += [
            Person(scene.kind, state, slowly.get(name), quickly.get(name)) for name, state in last_states(scene).items()
        ]
    return people


def last_states(scene: Scene) -> dict[str, MaskState]:
    """Return what each person of the scene wears when last shown, by name."""
    return {shown.person: shown.state for faces in scene.truth for shown in faces}


def right_share(people: Sequence[Person], ways: Sequence[Found | None]) -> float:
    """Return the share of persons whose last verdict is right; who was not followed is not judged rightly."""
    right = (one is not None and one.state is person.wears for person, one in zip(people, ways, strict=True))
    return sum(right) / len(people)


def delays_s(people: Sequence[Person]) -> list[float]:
    """Return by how much media time the policy's first verdict on each person came after that of every face."""
    pairs = ((person.every_face, person.policy) for person in people)
    return [
        quick.first_verdict_s - slow.first_verdict_s
        for slow, quick in pairs
        if slow and quick and slow.first_verdict_s is not None and quick.first_verdict_s is not None
    ]


def notices_s(scene: Scene, judged: Judged) -> Iterator[float | None]:
    """Yield, for each person who changes what they wear, how long the verdict took; None where it never did."""
    courses = found(scene, judged.sights)
    for name, (changed_s, state) in _changes(scene).items():
        if name in courses:
            after = (at_s for at_s, verdict in courses[name].course if at_s >= changed_s and verdict is state)
            at_s = next(after, None)
            yield None if at_s is None else at_s - changed_s


def agreement(scenes: Sequence[Scene], usual: Sequence[Judged], other: Sequence[Judged]) -> tuple[int, int]:
    """Return how many persons that `usual` judged have the same verdict in `other`, and how many there are."""
    pairs = [
        (one, found(scene, second.sights).get(name))
        for scene, first, second in zip(scenes, usual, other, strict=True)
        for name, one in found(scene, first.sights).items()
        if one.state is not MaskState.UNKNOWN
    ]
    return sum(other is not None and one.state is other.state for one, other in pairs), len(pairs)


def _changes(scene: Scene) -> Mapping[str, tuple[float, MaskState]]:
    """Return when each person who does changes what they wear, and to what."""
    worn: dict[str, MaskState] = {}
    changes: dict[str, tuple[float, MaskState]] = {}
    for index, faces in enumerate(scene.truth):
        for shown in faces:
            if worn.setdefault(shown.person, shown.state) is not shown.state:
                changes[shown.person] = (index / scene.frames_per_s, shown.state)
            worn[shown.person] = shown.state
    return changes
