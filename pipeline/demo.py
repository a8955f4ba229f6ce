"""What the pipeline found of the persons of a drawn clip, against what was drawn."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pipeline.sources.actors import DrawnFace
from pipeline.sources.mask_drawing import MaskWear
from pipeline.types import UNDECIDED, FrameResult, Verdict
from pipeline.vision.overlap import iou

SAME_FACE_OVERLAP = 0.25
"""Intersection over union from which a found box shows a drawn face: detectors differ on where a forehead begins."""


@dataclass(frozen=True, slots=True)
class DemoRow:
    """One line of the comparison.

    An actor who was missed has no person; a person whom nobody drew has no actor. Where one actor was counted as
    several persons, the longest seen is the actor's; the others are rows without `wear`.
    """

    actor: str | None
    wear: MaskWear | None
    person_id: int | None
    verdict: Verdict

    @property
    def is_right(self) -> bool:
        return self.wear is not None and self.person_id is not None and self.verdict.state is self.wear.state


class DemoComparison:
    """A `Sink` that compares as it goes, and so keeps no frames."""

    def __init__(self, truth: Sequence[Sequence[DrawnFace]]) -> None:
        """Take the faces drawn on each frame, by the frame's index."""
        self._truth = truth
        self._wears = {face.actor: face.wear for faces in truth for face in faces}
        self._frames_together: dict[int, Counter[str]] = {}
        self._verdicts: dict[int, Verdict] = {}

    def write(self, result: FrameResult) -> None:
        drawn = self._truth[result.frame.index]
        for track in result.tracks:
            together = self._frames_together.setdefault(track.track_id, Counter())
            face = max(drawn, key=lambda face: iou(face.box, track.face.box), default=None)
            if face is not None and iou(face.box, track.face.box) >= SAME_FACE_OVERLAP:
                together[face.actor] += 1
        self._verdicts.update(result.verdicts)

    def close(self) -> None:
        """Nothing is held open."""

    def rows(self) -> tuple[DemoRow, ...]:
        """Return a row for each actor, in order of appearance, then one for each person too many."""
        persons = self._persons_by_actor()
        rows = [self._row(actor, wear, next(iter(persons[actor]), None)) for actor, wear in self._wears.items()]
        extras = [self._row(actor, None, person) for actor in self._wears for person in persons[actor][1:]]
        strangers = [self._row(None, None, person) for person, actors in self._frames_together.items() if not actors]
        return (*rows, *extras, *strangers)

    def _persons_by_actor(self) -> dict[str, list[int]]:
        """Return each actor's persons, the longest seen first."""
        persons: dict[str, list[tuple[int, int]]] = {actor: [] for actor in self._wears}
        for person, actors in self._frames_together.items():
            for actor, frames in actors.most_common(1):
                persons[actor].append((-frames, person))
        return {actor: [person for _, person in sorted(found)] for actor, found in persons.items()}

    def _row(self, actor: str | None, wear: MaskWear | None, person: int | None) -> DemoRow:
        verdict = UNDECIDED if person is None else self._verdicts.get(person, UNDECIDED)
        return DemoRow(actor, wear, person, verdict)


def compare(truth: Sequence[Sequence[DrawnFace]], results: Iterable[FrameResult]) -> tuple[DemoRow, ...]:
    """Return the rows of a whole clip's results against the faces drawn on each of its frames."""
    comparison = DemoComparison(truth)
    for result in results:
        comparison.write(result)
    return comparison.rows()


def table_cells(rows: Iterable[DemoRow]) -> Iterator[tuple[str, str, str, str, str]]:
    """Yield, for each row, the cells person, drawn, found, confidence and right."""
    for row in rows:
        drawn = "nobody" if row.actor is None else "(seen again)" if row.wear is None else _drawn(row.wear)
        found = "missed" if row.person_id is None else row.verdict.state.value
        confidence = "" if row.person_id is None else f"{row.verdict.confidence:.2f}"
        yield row.actor or "", drawn, found, confidence, "yes" if row.is_right else "no"


def _drawn(wear: MaskWear) -> str:
    return f"{wear.state.value} ({wear.value})"
