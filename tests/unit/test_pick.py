"""Which faces the network is asked about."""

from dataclasses import replace

import pytest

from pipeline.types import Box, Face, Track
from pipeline.vision.pick import Picker, PickReason, PickSettings

SETTINGS = PickSettings(
    min_votes=3,
    min_interval_s=0.1,
    doubt_interval_s=0.3,
    max_doubt_looks=2,
    recheck_s=1.0,
    doubt_threshold=0.5,
    better_view_ratio=1.25,
)


def person(track_id: int, size_px: float = 40.0, missed_frames: int = 0) -> Track:
    return Track(track_id, Face(Box.around((100.0, 100.0), size_px, size_px), 0.9), missed_frames=missed_frames)


def reasons(
    picker: Picker, tracks: list[Track], media_s: float, doubts: dict[int, float] | None = None
) -> dict[int, str]:
    return {pick.track.track_id: pick.reason.name for pick in picker.choose(tracks, media_s, doubts or {})}


def settled(track_id: int = 1, size_px: float = 40.0) -> Picker:
    """Return a picker that has looked at the person as often as it needs, last at 1.0 s."""
    picker = Picker(SETTINGS)
    for media_s in (0.8, 0.9, 1.0):
        assert picker.choose([person(track_id, size_px)], media_s, {})
    return picker


def test_a_new_person_gets_their_votes_fast() -> None:
    picker = Picker(SETTINGS)
    looked = [index / 30 for index in range(30) if picker.choose([person(1)], index / 30, {})]
    assert looked == pytest.approx([0.0, 0.1, 0.2])


def test_at_a_low_frame_rate_each_frame_is_looked_at() -> None:
    picker = Picker(SETTINGS)
    assert [len(picker.choose([person(1)], index / 5, {})) for index in range(4)] == [1, 1, 1, 0]


def test_a_settled_person_is_looked_at_once_a_second() -> None:
    picker = settled()
    assert reasons(picker, [person(1)], 1.95) == {}
    assert reasons(picker, [person(1)], 2.0) == {1: "AGE"}
    assert reasons(picker, [person(1)], 2.9) == {}


def test_doubt_calls_for_another_look() -> None:
    assert reasons(settled(), [person(1)], 1.2, {1: 0.9}) == {}
    assert reasons(settled(), [person(1)], 1.3, {1: 0.9}) == {1: "DOUBT"}
    assert reasons(settled(), [person(1)], 1.3, {1: 0.4}) == {}


def test_a_better_view_calls_for_another_look() -> None:
    assert reasons(settled(), [person(1, size_px=49)], 1.2) == {}
    assert reasons(settled(), [person(1, size_px=50)], 1.2) == {1: "BETTER_VIEW"}


def test_more_pixels_than_the_network_can_use_are_no_better_view() -> None:
    assert reasons(settled(size_px=64), [person(1, size_px=400)], 1.2) == {}


def test_a_face_turned_to_the_camera_is_a_better_view() -> None:
    box = Box(0, 0, 50, 50)
    profile = Track(1, Face(box, 0.9, ((10.0, 20.0), (20.0, 20.0), (22.0, 30.0))))
    frontal = Track(1, Face(box, 0.9, ((10.0, 20.0), (40.0, 20.0), (25.0, 30.0))))
    picker = Picker(SETTINGS)
    for media_s in (0.8, 0.9, 1.0):
        picker.choose([profile], media_s, {})
    assert reasons(picker, [frontal], 1.2) == {1: "BETTER_VIEW"}


def test_a_predicted_face_is_never_picked() -> None:
    assert Picker().choose([person(1, missed_frames=1)], 0.0, {1: 1.0}) == ()


def test_the_budget_goes_to_the_least_settled() -> None:
    picker = Picker(replace(SETTINGS, max_crops_per_frame=2))
    for media_s in (0.8, 0.9, 1.0):
        picker.choose([person(1), person(2)], media_s, {})
    picks = picker.choose([person(1), person(2), person(3)], 2.5, {2: 0.9})
    assert [(pick.track.track_id, pick.reason) for pick in picks] == [
        (3, PickReason.NEW_TRACK),
        (2, PickReason.DOUBT),
    ]


def test_who_was_left_out_has_their_turn_next() -> None:
    picker = Picker(replace(SETTINGS, max_crops_per_frame=1))
    crowd = [person(1), person(2), person(3)]
    turns = [pick.track.track_id for index in range(6) for pick in picker.choose(crowd, index * 0.1, {})]
    assert turns == [1, 2, 3, 1, 2, 3]


def test_a_recheck_that_nobody_looked_at_is_soon_due_again_and_its_wait_goes_on() -> None:
    picker = settled()
    urgencies = []
    for tenth in range(40):
        for pick in picker.choose([person(1)], 1.0 + tenth / 10, {}):
            assert pick.reason is PickReason.AGE
            urgencies.append(pick.urgency)
            picker.take_back(1)
    assert len(urgencies) == 30, "from 2.0 s on, every 0.1 s"
    assert urgencies == sorted(urgencies)
    assert urgencies[-1] == pytest.approx(2.9), "the recheck is overdue by 2.9 s"


def test_a_forgotten_person_would_be_new() -> None:
    picker = settled()
    picker.forget([1, 99])
    assert reasons(picker, [person(1)], 1.01) == {1: "NEW_TRACK"}


def test_a_pick_that_was_taken_back_does_not_count_and_is_made_again_soon() -> None:
    picker = Picker(SETTINGS)
    looked = []
    for index in range(30):
        for pick in picker.choose([person(1)], index / 30, {}):
            looked.append(index / 30)
            if len(looked) <= 2:
                picker.take_back(pick.track.track_id)
    assert looked == pytest.approx([0.0, 0.1, 0.2, 0.3, 0.4])


def test_a_better_view_that_nobody_looked_at_still_calls_for_a_look() -> None:
    picker = settled()
    assert reasons(picker, [person(1, size_px=60)], 1.2) == {1: "BETTER_VIEW"}
    picker.take_back(1)
    assert reasons(picker, [person(1, size_px=60)], 1.3) == {1: "BETTER_VIEW"}
    assert reasons(picker, [person(1, size_px=60)], 1.4) == {}


def test_a_sharper_face_is_a_better_view_and_a_blurred_one_is_none() -> None:
    picker, blurred, sharp = Picker(SETTINGS), 0.5, 1.0
    for media_s in (0.8, 0.9, 1.0):
        picker.choose([person(1)], media_s, {}, lambda _: blurred)
    assert picker.choose([person(1, size_px=48)], 1.2, {}, lambda _: blurred) == ()
    assert [pick.reason for pick in picker.choose([person(1)], 1.3, {}, lambda _: sharp)] == [PickReason.BETTER_VIEW]


def test_sharpness_is_measured_only_where_it_matters() -> None:
    def never(_: Face) -> float:
        raise AssertionError

    assert settled().choose([person(1)], 1.2, {}, never) == ()


def test_who_stays_in_doubt_is_asked_about_a_few_times_and_then_at_the_usual_pace() -> None:
    picker = settled()
    asked = [
        (round(media_s, 1), name)
        for media_s in [1.0 + index / 10 for index in range(30)]
        for name in reasons(picker, [person(1)], media_s, {1: 0.9}).values()
    ]
    assert asked == [(1.3, "DOUBT"), (1.6, "DOUBT"), (2.6, "AGE"), (3.6, "AGE")]
    assert reasons(picker, [person(1)], 4.0, {1: 0.1}) == {}, "settled"
    assert reasons(picker, [person(1)], 4.3, {1: 0.9}) == {1: "DOUBT"}, "and in doubt anew"


def test_a_face_too_small_to_vote_is_never_picked() -> None:
    picker = Picker(PickSettings(min_face_px=20.0))
    assert picker.choose([person(1, size_px=19.9)], 0.0, {}) == ()
    assert len(picker.choose([person(1, size_px=20.0)], 0.0, {})) == 1


def test_every_face_of_every_frame_is_picked_where_that_is_wanted() -> None:
    picker = Picker(PickSettings.every_face())
    crowd = [person(number) for number in range(1, 21)]
    assert [len(picker.choose(crowd, index / 30, {})) for index in range(30)] == [20] * 30


def test_urgency_goes_by_reason_then_doubt_then_waiting_and_waiting_wins_in_the_end() -> None:
    def urgency(media_s: float, doubt: float, size_px: float = 40.0) -> float:
        (pick,) = settled().choose([person(1, size_px)], media_s, {1: doubt})
        return pick.urgency

    (new,) = Picker(SETTINGS).choose([person(9)], 1.0, {})
    ranked = [urgency(2.0, 0.1), urgency(2.0, 0.4), urgency(1.2, 0.1, 64.0), urgency(1.3, 0.6), urgency(1.3, 0.9)]
    assert sorted(ranked) == ranked
    assert ranked[-1] < new.urgency < urgency(6.0, 0.1)


def test_a_pick_of_someone_who_has_left_is_taken_back_without_a_word() -> None:
    Picker().take_back(7)
