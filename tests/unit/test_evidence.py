"""How far looks at a face settle what its person wears."""

import pytest

from pipeline.types import MaskState, Scores
from pipeline.vision.evidence import Evidence

LIKELY_MASKED = Scores(0.8, 0.1, 0.1)
LIKELY_BARE = Scores(0.1, 0.1, 0.8)


def evidence_of(*scores: Scores, weight: float = 1.0, kept: float = 1.0) -> Evidence:
    evidence = Evidence()
    for one in scores:
        evidence.add(one, weight, kept)
    return evidence


def test_one_whole_look_leads_by_what_its_scores_do() -> None:
    assert evidence_of(LIKELY_MASKED).lead(MaskState.MASKED) == pytest.approx(0.7)


def test_independent_looks_multiply_their_odds() -> None:
    lead = evidence_of(LIKELY_MASKED, LIKELY_MASKED).lead(MaskState.MASKED)
    assert lead == pytest.approx((64 - 1) / (64 + 1 + 1))


def test_looks_that_are_half_repetitions_count_as_one() -> None:
    halves = evidence_of(LIKELY_MASKED, LIKELY_MASKED, weight=0.5)
    assert halves.lead(MaskState.MASKED) == pytest.approx(evidence_of(LIKELY_MASKED).lead(MaskState.MASKED))


def test_looks_that_contradict_each_other_settle_nothing() -> None:
    assert evidence_of(LIKELY_MASKED, LIKELY_BARE).lead(MaskState.MASKED) == pytest.approx(0.0)


def test_the_lead_of_a_state_that_others_outweigh_is_negative() -> None:
    assert evidence_of(LIKELY_MASKED).lead(MaskState.UNMASKED) == pytest.approx(-0.7)


def test_for_unknown_it_is_that_of_the_likeliest() -> None:
    assert evidence_of(LIKELY_BARE).lead(MaskState.UNKNOWN) == pytest.approx(0.7)


def test_what_is_no_longer_kept_is_forgotten() -> None:
    evidence = evidence_of(*[LIKELY_MASKED] * 20)
    evidence.add(LIKELY_BARE, 1.0, kept=0.0)
    assert evidence.lead(MaskState.UNMASKED) == pytest.approx(0.7)


def test_one_look_that_is_sure_of_itself_has_no_veto() -> None:
    evidence = evidence_of(LIKELY_MASKED, LIKELY_MASKED, LIKELY_MASKED, Scores(0.0, 0.0, 1.0))
    assert evidence.lead(MaskState.MASKED) > 0


def test_without_looks_nothing_leads() -> None:
    assert Evidence().lead(MaskState.MASKED) == 0.0
