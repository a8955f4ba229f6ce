"""From the scores of several crops of one person to one verdict, steady yet able to change."""

import math
from dataclasses import dataclass

from pipeline.types import SCORED_STATES, MaskState, Scores, Verdict


@dataclass(frozen=True, slots=True)
class VoteSettings:
    """What it takes to call a person's state.

    A crop of a face below `min_face_px` has no vote. A vote counts half after `half_life_votes` further ones (inf:
    all count alike), so that a mask taken off shows. A state is called from `min_confidence` on, kept down to
    `keep_confidence`, and given up only after `change_votes` votes in a row that each contradict it.
    """

    min_face_px: float = 16.0
    half_life_votes: float = 5.0
    min_confidence: float = 0.55
    keep_confidence: float = 0.4
    change_votes: int = 2
    min_weight: float = 0.05

    def __post_init__(self) -> None:
        if not 0 <= self.keep_confidence <= self.min_confidence <= 1:
            raise ValueError(
                "confidences need 0 <= keep_confidence <= min_confidence <= 1, "
                f"got {self.keep_confidence} and {self.min_confidence}"
            )
        if self.half_life_votes <= 0 or self.change_votes < 1 or self.min_weight <= 0:
            raise ValueError(f"half_life_votes, change_votes and min_weight are above 0, got {self}")


class Ballot:
    """The votes on one person.

    The scores are pooled as a mean of probabilities, weighted by the quality of the view (linear opinion pool: Genest
    and Zidek 1986). Multiplying them would treat the frames of one view as independent and be sure of itself at
    once; and one confidently wrong crop would have a veto.
    """

    def __init__(self, settings: VoteSettings | None = None) -> None:
        self._settings = settings or VoteSettings()
        self._decay = math.exp2(-1 / self._settings.half_life_votes)
        self._sums = [0.0] * len(SCORED_STATES)
        self._newest: Scores | None = None
        self._standing = MaskState.UNKNOWN
        self._objections = 0
        self._votes = 0

    @property
    def votes(self) -> int:
        """How many crops have voted: those of faces large enough."""
        return self._votes

    @property
    def doubt(self) -> float:
        """How unsure the verdict is, in [0, 1]: 1 without votes, or where the newest one contradicts the verdict.

        Else 1 less the lead of the likeliest state over the next.
        """
        if self._newest is None:
            return 1.0
        first, second, *_ = sorted(self._pooled(), reverse=True)
        return min(1.0, max(0.0, 1 - min(first - second, self._newest_support())))

    def add(self, scores: Scores, quality: float, face_px: float) -> None:
        """Count the scores of a crop with a view of `quality` in [0, 1], of a face of `face_px` pixels."""
        if face_px < self._settings.min_face_px:
            return
        weight = max(quality, self._settings.min_weight)
        self._sums = [self._decay * old + weight * new for old, new in zip(self._sums, scores.as_tuple(), strict=True)]
        self._newest = scores
        self._votes += 1
        self._reconsider()

    def verdict(self) -> Verdict:
        """Return the state with its pooled probability; `unknown` has that of the likeliest state, 0 without votes."""
        if self._newest is None:
            return Verdict(MaskState.UNKNOWN, 0.0, 0)
        pooled = self._pooled()
        if self._standing is MaskState.UNKNOWN:
            return Verdict(MaskState.UNKNOWN, max(pooled), self._votes)
        return Verdict(self._standing, pooled[SCORED_STATES.index(self._standing)], self._votes)

    def _pooled(self) -> list[float]:
        total = sum(self._sums)
        return [value / total for value in self._sums]

    def _newest_support(self) -> float:
        """Return what the newest vote gives the standing state; 1 where none stands: nothing is contradicted."""
        if self._newest is None or self._standing is MaskState.UNKNOWN:
            return 1.0
        return self._newest.as_tuple()[SCORED_STATES.index(self._standing)]

    def _reconsider(self) -> None:
        proposed = self._proposal()
        objects = proposed is not self._standing and self._newest_support() < self._settings.min_confidence
        self._objections = self._objections + 1 if objects else 0
        if self._standing is MaskState.UNKNOWN or self._objections >= self._settings.change_votes:
            self._standing = proposed
            self._objections = 0

    def _proposal(self) -> MaskState:
        pooled = dict(zip(SCORED_STATES, self._pooled(), strict=True))
        likeliest = max(SCORED_STATES, key=pooled.__getitem__)
        if pooled[likeliest] >= self._settings.min_confidence:
            return likeliest
        keeps = pooled.get(self._standing, 0.0) >= self._settings.keep_confidence
        return self._standing if keeps else MaskState.UNKNOWN
