from dataclasses import replace

from pipeline.types import UNDECIDED, FrameResult, MaskState
from pipeline.vision.presence import Presence
from tests.results import flat_frame, seen, track


def update_all(presence: Presence, *verdicts: dict[int, str]) -> list[int]:
    """Return the flips that each of the results, one a frame, brings."""
    return [presence.update(seen(flat_frame(index), now)).flips for index, now in enumerate(verdicts)]


def test_persons_in_view_are_counted_by_their_verdict() -> None:
    change = Presence().update(seen(flat_frame(0), {1: "masked", 2: "masked", 3: "unknown"}))
    assert change.counts == {
        MaskState.MASKED: 2,
        MaskState.INCORRECT: 0,
        MaskState.UNMASKED: 0,
        MaskState.UNKNOWN: 1,
    }


def test_who_is_hidden_for_a_while_stays_and_who_left_is_gone() -> None:
    presence = Presence()
    presence.update(seen(flat_frame(0), {1: "masked", 2: "unmasked"}))
    hidden = presence.update(FrameResult(flat_frame(1), (), {}))
    assert (hidden.counts[MaskState.MASKED], hidden.counts[MaskState.UNMASKED]) == (1, 1)
    left = presence.update(seen(flat_frame(2), {1: "masked", 2: "unmasked"}, closed_ids=(2,)))
    assert (left.counts[MaskState.MASKED], left.counts[MaskState.UNMASKED]) == (1, 0)


def test_a_first_verdict_is_no_flip_and_a_change_of_it_is_one() -> None:
    assert update_all(Presence(), {1: "unknown"}, {1: "masked"}, {1: "masked"}, {1: "unmasked"}) == [0, 0, 0, 1]


def test_a_doubt_in_between_neither_makes_a_flip_nor_hides_one() -> None:
    same = update_all(Presence(), {1: "masked"}, {1: "unknown"}, {1: "masked"})
    turned = update_all(Presence(), {1: "masked"}, {1: "unknown"}, {1: "incorrect"})
    assert (same, turned) == ([0, 0, 0], [0, 0, 1])


def test_flips_of_one_frame_add_up() -> None:
    assert update_all(Presence(), {1: "masked", 2: "unmasked"}, {1: "unmasked", 2: "masked"}) == [0, 2]


def test_the_largest_detected_face_of_who_leaves_is_told() -> None:
    presence = Presence()
    for index, (size_px, missed) in enumerate([(18.0, 0), (31.0, 0), (90.0, 1), (25.0, 0)]):
        result = seen(flat_frame(index), {7: "masked"})
        presence.update(replace(result, tracks=(track(7, size_px, missed),)))
    change = presence.update(FrameResult(flat_frame(4), (), {7: UNDECIDED}, closed_ids=(7,)))
    assert change.left_faces_px == (31.0,)


def test_a_departure_of_nobody_in_view_changes_nothing() -> None:
    change = Presence().update(FrameResult(flat_frame(0), (), {9: UNDECIDED}, closed_ids=(9,)))
    assert (sum(change.counts.values()), change.left_faces_px) == (0, ())
