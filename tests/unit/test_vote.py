"""Verdicts: steady, honest about doubt, able to change."""

import math

import pytest

from pipeline.types import UNDECIDED, MaskState, Scores
from pipeline.vision.vote import Ballot, VoteSettings

MASKED = Scores(0.9, 0.05, 0.05)
UNMASKED = Scores(0.05, 0.05, 0.9)
TORN = Scores(0.45, 0.1, 0.45)


def ballot_of(*scores: Scores, quality: float = 0.8, settings: VoteSettings | None = None) -> Ballot:
    ballot = Ballot(settings)
    for one in scores:
        ballot.add(one, quality, 60.0)
    return ballot


def test_without_votes_nothing_is_known() -> None:
    ballot = Ballot()
    assert ballot.verdict() == UNDECIDED
    assert ballot.doubt == 1.0
    assert ballot.votes == 0


def test_one_clear_view_is_a_verdict() -> None:
    verdict = ballot_of(MASKED).verdict()
    assert (verdict.state, verdict.votes) == (MaskState.MASKED, 1)
    assert verdict.confidence == pytest.approx(0.9)


def test_agreeing_views_do_not_inflate_the_confidence() -> None:
    assert ballot_of(*[MASKED] * 50).verdict().confidence == pytest.approx(0.9)


def test_a_face_too_small_has_no_vote() -> None:
    ballot = Ballot()
    ballot.add(MASKED, 0.8, 15.9)
    assert ballot.verdict() == UNDECIDED
    ballot.add(MASKED, 0.8, 16.0)
    assert ballot.verdict().state is MaskState.MASKED


def test_a_torn_vote_is_unknown_with_the_share_of_the_likeliest() -> None:
    verdict = ballot_of(TORN, TORN).verdict()
    assert verdict.state is MaskState.UNKNOWN
    assert verdict.confidence == pytest.approx(0.45)
    assert verdict.votes == 2


def test_a_good_view_outweighs_a_bad_one() -> None:
    ballot = Ballot()
    ballot.add(UNMASKED, 0.1, 20.0)
    ballot.add(MASKED, 0.9, 80.0)
    ballot.add(MASKED, 0.9, 80.0)
    assert ballot.verdict().state is MaskState.MASKED


@pytest.mark.parametrize("before", range(1, 12))
def test_one_crop_never_turns_a_verdict(before: int) -> None:
    ballot = ballot_of(*[MASKED] * before, quality=0.3)
    ballot.add(UNMASKED, 1.0, 200.0)
    assert ballot.verdict().state is MaskState.MASKED
    ballot.add(MASKED, 0.3, 60.0)
    assert ballot.verdict().state is MaskState.MASKED


@pytest.mark.parametrize("before", [3, 10, 100])
def test_a_mask_taken_off_shows_within_twice_the_half_life(before: int) -> None:
    ballot, seen = ballot_of(*[MASKED] * before), []
    for _ in range(10):
        ballot.add(UNMASKED, 0.8, 60.0)
        seen.append(ballot.verdict().state)
    turned = seen.index(MaskState.UNMASKED)
    assert 1 <= turned < 10
    assert set(seen[:turned]) == {MaskState.MASKED}
    assert set(seen[turned:]) == {MaskState.UNMASKED}


def test_lasting_doubt_ends_in_unknown() -> None:
    ballot = ballot_of(MASKED, MASKED)
    for _ in range(30):
        ballot.add(Scores(0.34, 0.33, 0.33), 0.8, 60.0)
    assert ballot.verdict().state is MaskState.UNKNOWN


def test_a_verdict_near_the_threshold_does_not_flicker() -> None:
    ballot = ballot_of(Scores(0.6, 0.2, 0.2))
    for index in range(20):
        share = 0.5 if index % 2 else 0.6
        ballot.add(Scores(share, 0.0, 1 - share), 0.8, 60.0)
        assert ballot.verdict().state is MaskState.MASKED


def test_without_forgetting_old_votes_count_as_new_ones() -> None:
    forever = VoteSettings(half_life_votes=math.inf)
    ballot = ballot_of(*[MASKED] * 20, *[UNMASKED] * 15, settings=forever)
    assert ballot.verdict().state is MaskState.MASKED


def test_doubt_is_low_where_views_agree_and_high_where_they_do_not() -> None:
    assert ballot_of(MASKED, MASKED, MASKED).doubt < 0.2
    assert ballot_of(TORN, TORN).doubt == pytest.approx(1.0)


def test_a_contradiction_raises_doubt_at_once() -> None:
    ballot = ballot_of(*[MASKED] * 20)
    ballot.add(UNMASKED, 0.8, 60.0)
    assert ballot.doubt == pytest.approx(0.95)


def test_a_view_without_quality_still_counts_a_little() -> None:
    assert ballot_of(MASKED, quality=0.0).verdict().state is MaskState.MASKED


@pytest.mark.parametrize(
    "values",
    [{"keep_confidence": 0.7}, {"half_life_votes": 0.0}, {"change_votes": 0}, {"min_weight": 0.0}],
)
def test_settings_that_make_no_sense_are_refused(values: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="got"):
        VoteSettings(**values)  # type: ignore[arg-type]  # change_votes is an int, and here it is one


def test_votes_of_each_frame_weigh_what_rarer_ones_do() -> None:
    """A mask that comes off after 3 s has the same share of the pool at any rate of looks that are not independent."""
    shares = []
    for frames_per_s in (5, 10, 25, 50):
        ballot = Ballot(VoteSettings(min_confidence=1.0))
        for index in range(5 * frames_per_s):
            media_s = index / frames_per_s
            ballot.add(MASKED if media_s < 3 else UNMASKED, 0.8, 60.0, media_s)
        shares.append(ballot.verdict().confidence)
    assert max(shares) - min(shares) < 0.05


def test_looks_at_one_moment_settle_less_than_independent_ones() -> None:
    at_once, apart = Ballot(), Ballot()
    for index in range(4):
        at_once.add(Scores(0.7, 0.1, 0.2), 0.8, 60.0, index / 100)
        apart.add(Scores(0.7, 0.1, 0.2), 0.8, 60.0, index / 2)
    assert at_once.doubt > apart.doubt + 0.1


def test_a_clock_that_stands_still_is_borne() -> None:
    ballot = Ballot()
    for _ in range(3):
        ballot.add(MASKED, 0.8, 60.0, 7.0)
    assert ballot.verdict().state is MaskState.MASKED
    assert 0 <= ballot.doubt < 1


def test_a_verdict_that_the_pool_keeps_against_the_evidence_is_in_doubt() -> None:
    ballot = ballot_of(MASKED, TORN, TORN, Scores(0.4, 0.0, 0.6))
    assert ballot.verdict().state is MaskState.MASKED
    assert ballot.doubt > 0.5
