"""From the scores of several crops of one person to one verdict, steady yet able to change."""

import math
from dataclasses import dataclass

from pipeline.types import SCORED_STATES, MaskState, Scores, Verdict
from pipeline.vision.evidence import Evidence

SMALLEST_SHARE = 0.01
"""What a vote counts that comes no later than the one before, as from a clip whose clock stands still."""


@dataclass(frozen=True, slots=True)
class VoteSettings:
    """What it takes to call a person's state.

    A crop of a face below `min_face_px` has no vote. A vote counts half after `half_life_votes` further ones (inf:
    all count alike), so that a mask taken off shows. A state is called from `min_confidence` on, kept down to
    `keep_confidence`, and given up only after `change_votes` votes in a row that each contradict it.

    Looks less than `independent_s` apart show the same view: a vote counts, and ages the older ones, by the share of it
    that has passed since the one before. So the votes of each frame weigh what one every `independent_s` would.
    """

    min_face_px: float = 16.0
    half_life_votes: float = 5.0
    min_confidence: float = 0.55
    keep_confidence: float = 0.4
    change_votes: int = 2
    min_weight: float = 0.05
    independent_s: float = 0.3

    def __post_init__(self) -> None:
        if not 0 <= self.keep_confidence <= self.min_confidence <= 1:
            raise ValueError(
                "confidences need 0 <= keep_confidence <= min_confidence <= 1, "
                f"got {self.keep_confidence} and {self.min_confidence}"
            )
        if min(self.half_life_votes, self.change_votes, self.min_weight, self.independent_s) <= 0:
            raise ValueError(f"half_life_votes, change_votes, min_weight and independent_s are above 0, got {self}")


class Ballot:
    """The votes on one person.

    The scores are pooled as a mean of probabilities, weighted by the quality of the view (linear opinion pool: Genest
    and Zidek 1986). Multiplying them would treat the frames of one view as independent and be sure of itself at
    once; and one confidently wrong crop would have a veto.
    """

    def __init__(self, settings: VoteSettings | None = None) -> None:
        self._settings = settings or VoteSettings()
        self._sums = [0.0] * len(SCORED_STATES)
        self._evidence = Evidence()
        self._newest: Scores | None = None
        self._newest_s = -math.inf
        self._standing = MaskState.UNKNOWN
        self._objections = 0
        self._votes = 0

    @property
    def votes(self) -> int:
        """How many crops have voted: those of faces large enough."""
        return self._votes

    @property
    def doubt(self) -> float:
        """How unsure the verdict is, in [0, 1]: 1 without votes.

        Else 1 less the lead that the sequential test gives the verdict's state, twice the chance that a likelier one of
        two is wrong; and no less than what the newest vote denies it, where that one is for another state.
        """
        if self._newest is None:
            return 1.0
        support = self._newest_support()
        denied = 1 - support if support < max(self._newest.as_tuple()) else 0.0
        return max(denied, min(1.0, 1 - self._evidence.lead(self._standing)))

    def add(self, scores: Scores, quality: float, face_px: float, media_s: float = math.inf) -> None:
        """Count the scores of a crop with a view of `quality` in [0, 1], of a face of `face_px` pixels.

        `media_s` is the time of its frame; without it the vote is a view of its own.
        """
        if face_px < self._settings.min_face_px:
            return
        share = self._new_share(media_s)
        kept = math.exp2(-share / self._settings.half_life_votes)
        weight = share * max(quality, self._settings.min_weight)
        self._sums = [kept * old + weight * new for old, new in zip(self._sums, scores.as_tuple(), strict=True)]
        self._evidence.add(scores, weight, kept)
        self._newest, self._newest_s = scores, media_s
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

    def _new_share(self, media_s: float) -> float:
        """Return how much of a vote at that time is no repetition of the one before, in (0, 1]."""
        if self._newest is None or math.inf in (media_s, self._newest_s):
            return 1.0
        return min(1.0, max(SMALLEST_SHARE, (media_s - self._newest_s) / self._settings.independent_s))

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
