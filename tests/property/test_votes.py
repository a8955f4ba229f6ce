"""What holds of voting whatever the network says."""

import math
from itertools import pairwise
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from pipeline.types import SCORED_STATES, MaskState, Scores
from pipeline.vision.vote import Ballot, VoteSettings

SHARES = st.tuples(st.floats(0.001, 1), st.floats(0.001, 1), st.floats(0.001, 1))
SCORES = SHARES.map(lambda shares: Scores(*(share / sum(shares) for share in shares)))
VOTES = st.lists(st.tuples(SCORES, st.floats(0, 1), st.floats(4, 200)), max_size=20)
FOREVER_UNDECIDED = VoteSettings(half_life_votes=math.inf, min_confidence=1.0)
"""Counts all votes alike and calls no state: the confidence is then the pooled share of the likeliest."""

Vote = tuple[Scores, float, float]


def count(votes: list[Vote], settings: VoteSettings | None = None) -> Ballot:
    ballot = Ballot(settings)
    for scores, quality, face_px in votes:
        ballot.add(scores, quality, face_px)
    return ballot


@given(VOTES, st.randoms(use_true_random=False))
def test_without_forgetting_the_share_of_each_state_knows_no_order(votes: list[Vote], random: Random) -> None:
    shuffled = list(votes)
    random.shuffle(shuffled)
    first, second = count(votes, FOREVER_UNDECIDED), count(shuffled, FOREVER_UNDECIDED)
    assert first.votes == second.votes
    assert math.isclose(first.verdict().confidence, second.verdict().confidence, abs_tol=1e-9)


@given(VOTES)
def test_shares_and_doubt_lie_between_0_and_1(votes: list[Vote]) -> None:
    ballot = count(votes)
    assert 0 <= ballot.verdict().confidence <= 1
    assert 0 <= ballot.doubt <= 1
    assert ballot.verdict().votes == ballot.votes == sum(face_px >= 16 for _, _, face_px in votes)


@given(VOTES)
def test_a_state_is_first_called_with_the_confidence_it_takes(votes: list[Vote]) -> None:
    ballot, before = Ballot(), MaskState.UNKNOWN
    for scores, quality, face_px in votes:
        ballot.add(scores, quality, face_px)
        verdict = ballot.verdict()
        if before is MaskState.UNKNOWN and verdict.state is not MaskState.UNKNOWN:
            assert verdict.confidence >= VoteSettings().min_confidence
        before = verdict.state


@given(VOTES)
def test_a_verdict_turns_only_after_two_votes_that_speak_for_a_change(votes: list[Vote]) -> None:
    ballot, states = Ballot(), [MaskState.UNKNOWN]
    for scores, quality, face_px in votes:
        ballot.add(scores, quality, face_px)
        states.append(ballot.verdict().state)
    for index, (before, after) in enumerate(pairwise(states)):
        if before is not after and before is not MaskState.UNKNOWN:
            assert index > 0
            assert states[index - 1] is before


@given(VOTES)
def test_the_same_votes_give_the_same_verdict(votes: list[Vote]) -> None:
    assert count(votes).verdict() == count(votes).verdict()


@given(SCORES, st.integers(1, 30), st.floats(0, 1))
def test_votes_that_agree_keep_their_probability(scores: Scores, votes: int, quality: float) -> None:
    verdict = count([(scores, quality, 50.0)] * votes).verdict()
    assert math.isclose(verdict.confidence, max(scores.as_tuple()), rel_tol=1e-9)
    clear = max(scores.as_tuple()) >= VoteSettings().min_confidence
    likeliest = SCORED_STATES[scores.as_tuple().index(max(scores.as_tuple()))]
    assert verdict.state is (likeliest if clear else MaskState.UNKNOWN)
