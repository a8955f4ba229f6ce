"""Who wears what, counted over persons: the figures behind the banner, the summary and the metrics."""

from dataclasses import dataclass

from pipeline.statistics import compliance
from pipeline.types import FrameResult, MaskState


@dataclass(frozen=True, slots=True)
class Tally:
    """Persons by verdict. `unknown` persons are counted but judged by nobody, so no rate contains them."""

    masked: int = 0
    incorrect: int = 0
    unmasked: int = 0
    unknown: int = 0

    @property
    def persons(self) -> int:
        return self.judged + self.unknown

    @property
    def judged(self) -> int:
        return self.masked + self.incorrect + self.unmasked

    @property
    def compliance(self) -> float | None:
        """The share, in [0, 1], of judged persons whose mask is worn rightly; None where nobody was judged."""
        return compliance(self.masked, self.incorrect, self.unmasked)

    def count(self, state: MaskState) -> int:
        """Return the number of persons with that verdict."""
        return int(getattr(self, state.value))


class RunningTally:
    """Counts the persons of one stream so far; it forgets a person, not the count, when the person leaves."""

    def __init__(self) -> None:
        self._present: dict[int, MaskState] = {}
        self._counts = dict.fromkeys(MaskState, 0)

    @property
    def tally(self) -> Tally:
        return Tally(**{state.value: count for state, count in self._counts.items()})

    def update(self, result: FrameResult) -> None:
        """Take the next result of the stream: new persons, changed verdicts, departures."""
        for track in result.tracks:
            if track.track_id not in self._present:
                self._present[track.track_id] = MaskState.UNKNOWN
                self._counts[MaskState.UNKNOWN] += 1
        for track_id, verdict in result.verdicts.items():
            self._move(track_id, verdict.state)
        for track_id in result.closed_ids:
            self._present.pop(track_id, None)

    def _move(self, track_id: int, state: MaskState) -> None:
        before = self._present.get(track_id)
        if before is None or before is state:
            return
        self._counts[before] -= 1
        self._counts[state] += 1
        self._present[track_id] = state
