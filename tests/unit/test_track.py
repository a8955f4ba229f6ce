"""Persons come, hide, cross and go; each is counted once."""

import math
from collections import Counter, defaultdict
from collections.abc import Sequence

import pytest

from pipeline.types import Box, Face
from pipeline.vision.track import Tracker, TrackSettings
from tests.walkers import PERFECT, Flaws, Path, Walker, line, look, times

FRAME_RATES = (30, 12, 5, 1)
STILL = Face(Box(100, 100, 160, 180), 0.9)


def owners_by_id(
    walkers: Sequence[Walker], times_s: Sequence[float], flaws: Flaws = PERFECT, seed: int = 0
) -> dict[int, Counter[int | None]]:
    """Track `walkers` and return, by track id, how often whose face it was."""
    tracker, owners = Tracker(), defaultdict[int, Counter[int | None]](Counter)
    for media_s, found in look(walkers, times_s, flaws, seed):
        owner = {id(face): who for face, who in found}
        for track in tracker.update([face for face, _ in found], media_s).tracks:
            if track.missed_frames == 0:
                owners[track.track_id][owner[id(track.face)]] += 1
    return dict(owners)


def swaying(x: float, y: float = 300.0) -> Path:
    return lambda t: (x + 12 * math.sin(1.3 * t + x), y + 6 * math.cos(t + x))


def crossing(speed_px_s: float) -> list[Walker]:
    """Return two persons who meet in mid-picture at 5 s, one behind the other for a moment."""
    hidden = (5 - 20 / speed_px_s, 5 + 20 / speed_px_s)
    return [
        Walker(line((640 - 5 * speed_px_s, 300), (speed_px_s, 0)), 60),
        Walker(line((640 + 5 * speed_px_s, 310), (-speed_px_s, 0)), 54, hidden_s=hidden),
    ]


@pytest.mark.parametrize("frames_per_s", FRAME_RATES)
def test_a_still_group_is_counted_right(frames_per_s: int) -> None:
    group = [Walker(swaying(150 + 250 * place), 60) for place in range(5)]
    owners = owners_by_id(group, times(12, frames_per_s), Flaws(false_per_frame=0.0, miss_rate=0.03))
    assert sorted(str(count.most_common(1)[0][0]) for count in owners.values()) == list("01234")


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("frames_per_s", [30, 12, 5])
def test_crossing_persons_keep_their_ids(frames_per_s: int, seed: int) -> None:
    owners = owners_by_id(crossing(80.0), times(10, frames_per_s), Flaws(), seed)
    persons = [{who for who in count if who is not None} for count in owners.values()]
    assert sorted(persons, key=str) == [{0}, {1}]


@pytest.mark.parametrize("frames_per_s", FRAME_RATES)
def test_crossing_persons_are_two_at_any_frame_rate(frames_per_s: int) -> None:
    assert len(owners_by_id(crossing(60.0), times(10, frames_per_s))) == 2


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("frames_per_s", [30, 12, 5])
def test_a_close_queue_is_counted_right(frames_per_s: int, seed: int) -> None:
    queue = [Walker(swaying(300 + 80 * place), 60) for place in range(5)]
    owners = owners_by_id(queue, times(8, frames_per_s), Flaws(), seed)
    assert sorted(str(count.most_common(1)[0][0]) for count in owners.values()) == list("01234")


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("frames_per_s", [30, 12, 5])
def test_a_short_occlusion_keeps_the_id(frames_per_s: int, seed: int) -> None:
    still = Walker(swaying(300, 200), 60, hidden_s=(3.0, 4.2))
    walking = Walker(line((100, 500), (60, 0)), 60, hidden_s=(5.0, 6.2))
    assert len(owners_by_id([still, walking], times(10, frames_per_s), Flaws(false_per_frame=0.05), seed)) == 2


@pytest.mark.parametrize("frames_per_s", FRAME_RATES)
def test_who_comes_long_after_is_someone_else(frames_per_s: int) -> None:
    first = Walker(swaying(300), 60, leave_s=5.0)
    second = Walker(swaying(300), 60, enter_s=9.0)
    assert len(owners_by_id([first, second], times(14, frames_per_s))) == 2


@pytest.mark.parametrize("frames_per_s", FRAME_RATES)
def test_false_faces_make_no_person(frames_per_s: int) -> None:
    assert owners_by_id([], times(30, frames_per_s), Flaws(false_per_frame=0.5)) == {}


def test_a_fast_walker_is_one_person_from_12_frames_a_second() -> None:
    assert len(owners_by_id([Walker(line((0, 300), (300, 0)), 60)], times(4, 12), Flaws())) == 1


def test_varying_frame_intervals_and_a_gap_keep_the_id() -> None:
    uneven = [0.0, 0.03, 0.25, 0.26, 0.9, 1.0, 1.04, 2.5, 2.6, 3.0, 12.0, 12.1]
    assert len(owners_by_id([Walker(swaying(300), 60)], uneven)) == 1


def test_two_frames_of_one_good_face_are_a_person() -> None:
    tracker = Tracker()
    assert tracker.update([STILL], 0.0).tracks == ()
    assert [track.track_id for track in tracker.update([STILL], 0.04).tracks] == [1]
    assert tracker.flush() == (1,)


@pytest.mark.parametrize("score", [0.5, 1.0, 0.0])
def test_one_picture_makes_no_person(score: float) -> None:
    tracker = Tracker()
    assert tracker.update([Face(STILL.box, score)], 0.0).tracks == ()
    assert tracker.flush() == ()


def test_what_flickers_in_one_place_is_no_person() -> None:
    tracker = Tracker()
    for index in range(300):
        faces = [] if index % 3 else [Face(STILL.box, 0.7)]
        assert tracker.update(faces, index / 30).tracks == ()


def test_a_second_box_on_a_head_is_no_second_person() -> None:
    tracker, double = Tracker(), Face(Box(105, 110, 150, 170), 0.8)
    for index in range(10):
        update = tracker.update([STILL, double], index / 10)
    assert len(update.tracks) == 1


def test_a_face_that_two_looks_box_half_a_size_apart_is_one_person() -> None:
    tracker = Tracker()
    brows, whole = Face(Box(996, 115, 1033, 165), 0.8), Face(Box(1006, 139, 1057, 207), 0.8)
    for index, face in enumerate([brows, brows, brows, brows, whole, whole, whole]):
        tracks = tracker.update([face], 0.2 * index).tracks
    assert [track.track_id for track in tracks] == [1]


def test_a_detected_face_is_passed_on_as_found() -> None:
    face = Face(STILL.box, 0.9, ((110.0, 120.0), (140.0, 120.0)))
    tracker = Tracker()
    tracker.update([face], 0.0)
    (track,) = tracker.update([face], 0.1).tracks
    assert track.face is face
    assert (track.age_frames, track.missed_frames) == (1, 0)


def test_coasting_moves_the_box_and_misses_nobody() -> None:
    tracker = Tracker()
    for index in range(10):
        tracker.update([Face(Box.around((100 + 10.0 * index, 100.0), 60.0, 60.0), 0.9)], index / 10)
    for index in range(10, 14):
        (track,) = tracker.coast(index / 10).tracks
    assert track.face.box.center[0] == pytest.approx(230, abs=12)
    assert track.missed_frames == 4
    assert track.face.key_points == ()


def test_coasting_closes_nobody_however_long() -> None:
    tracker = Tracker()
    for media_s in (0.0, 0.1):
        tracker.update([STILL], media_s)
    assert [len(tracker.coast(media_s).tracks) for media_s in (1.0, 5.0, 60.0)] == [1, 1, 1]
    assert tracker.coast(61.0).closed_ids == ()


def test_a_person_who_left_fades_and_is_closed_once() -> None:
    settings = TrackSettings()
    tracker = Tracker(settings)
    for index in range(5):
        tracker.update([STILL], index / 10)
    updates = {index / 10: tracker.update([], index / 10) for index in range(5, 40)}
    assert all((len(update.tracks) == 1) == (t <= 0.4 + settings.shown_missed_s) for t, update in updates.items())
    closed = {t: update.closed_ids for t, update in updates.items() if update.closed_ids}
    assert list(closed.values()) == [(1,)]
    assert list(closed) == pytest.approx([0.4 + settings.max_missed_s + 0.1])
    assert tracker.flush() == ()


def test_a_frame_of_another_size_keeps_the_id() -> None:
    tracker = Tracker()
    for index in range(3):
        tracker.update([STILL], index / 30)
    tracker.rescale(3.0, 2.0)
    (track,) = tracker.update([Face(Box(300, 200, 480, 360), 0.9)], 3 / 30).tracks
    assert track.track_id == 1
    assert track.missed_frames == 0


def test_a_scale_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match=r"scale is above 0, got 0\.0 x 1\.0"):
        Tracker().rescale(0.0, 1.0)


def test_time_that_steps_back_is_borne() -> None:
    tracker = Tracker()
    for media_s in (5.0, 5.1, 0.0, 0.1):
        update = tracker.update([STILL], media_s)
    assert [track.track_id for track in update.tracks] == [1]


FRAME = Box(0, 0, 640, 480)


def walking(media_s: float, start_s: float, x: float, speed_px_s: float) -> Face:
    """Return a face of 60 x 80 px on its way along the x axis."""
    return Face(Box.around((x + speed_px_s * (media_s - start_s), 200), 60, 80), 0.9)


def ids_at_a_door(bounds: Box | None) -> set[int]:
    """Return the ids given where one person walks out at the left edge and another walks in half a second later."""
    tracker, ids = Tracker(), set[int]()
    for media_s in times(4, 25):
        leaving, entering = walking(media_s, 0, 150, -100), walking(media_s, 2.0, 0, 100)
        faces = [face for face in (leaving, entering) if face.box.center[0] > 0]
        ids.update(track.track_id for track in tracker.update(faces, media_s, bounds).tracks)
    return ids


def test_who_enters_where_another_has_just_left_is_new() -> None:
    assert ids_at_a_door(FRAME) == {1, 2}


def test_without_the_frame_the_next_one_through_the_door_seems_to_come_back() -> None:
    assert ids_at_a_door(None) == {1}


def test_who_stands_at_the_edge_and_hides_is_not_taken_to_have_left() -> None:
    tracker, ids = Tracker(), set[int]()
    for media_s in times(4, 25):
        faces = [] if 1.0 < media_s < 2.0 else [Face(Box(-15, 100, 45, 180), 0.9)]
        ids.update(track.track_id for track in tracker.update(faces, media_s, FRAME).tracks)
    assert ids == {1}


def unsettled_after_frames(frames: int, score: float) -> list[bool]:
    """Return whether anybody was unsettled after each of so many frames that show one face."""
    tracker = Tracker()
    unsettled = []
    for index in range(frames):
        tracker.update((Face(Box(10, 10, 40, 40), score),), index / 25)
        unsettled.append(bool(tracker.unsettled_faces))
    return unsettled


def test_it_is_unsettled_until_a_new_face_is_a_person() -> None:
    assert unsettled_after_frames(4, score=0.8) == [True, True, False, False]


def test_what_may_never_be_a_person_is_not_waited_for() -> None:
    tracker = Tracker()
    for index in range(25):
        tracker.update((Face(Box(10, 10, 40, 40), 0.5),), index / 25)
    assert len(tracker.faces) == 1
    assert not tracker.unsettled_faces


def test_it_is_unsettled_when_a_person_is_missed_for_the_first_time() -> None:
    tracker = Tracker()
    for index in range(10):
        tracker.update((Face(Box(10, 10, 40, 40), 0.9),), index / 25)
    tracker.update((), 0.4)
    assert tracker.unsettled_faces
    tracker.update((), 0.44)
    assert not tracker.unsettled_faces


def test_how_a_new_person_moves_is_looked_at_every_few_frames() -> None:
    tracker = Tracker()
    looks = []
    for index in range(25):
        if index < 4 or tracker.unsettled_faces:
            looks.append(index)
            tracker.update((Face(Box(10, 10, 40, 40), 0.9),), index / 25)
        else:
            tracker.coast(index / 25)
    assert looks == [0, 1, 2, 3, 6]


def test_a_look_at_the_unsettled_alone_takes_nothing_from_the_others() -> None:
    tracker = Tracker()
    settled, new = Face(Box(10, 10, 40, 40), 0.9), Face(Box(300, 10, 330, 40), 0.8)
    for index in range(9):
        tracker.update((settled,), index / 25)
    tracker.update((settled, new), 0.36)
    assert [face.box for face in tracker.unsettled_faces] == [new.box]
    for index in range(10, 22):
        update = tracker.update_unsettled((new,), index / 25)
    assert [track.track_id for track in update.tracks] == [1, 2]
    assert not tracker.unsettled_faces


def test_who_is_unsettled_and_not_found_again_is_forgotten() -> None:
    tracker = Tracker()
    tracker.update((Face(Box(300, 10, 330, 40), 0.6),), 0.0)
    tracker.update_unsettled((), 0.04)
    assert tracker.faces == ()


def test_where_everybody_must_be_by_the_next_frame_is_known_before_it_is_looked_at() -> None:
    tracker = Tracker()
    for index in range(20):
        tracker.update((Face(Box(10 + 5 * index, 10, 50 + 5 * index, 60), 0.9),), index / 25)
    tracker.advance(22 / 25)
    (face,) = tracker.faces
    assert face.box.x1 == pytest.approx(10 + 5 * 22, abs=4)
    update = tracker.update((Face(Box(120, 10, 160, 60), 0.9),), 22 / 25)
    assert update.tracks[0].age_frames == 20, "it was that frame already"


def test_a_new_face_that_walks_past_is_followed_from_its_first_step_on() -> None:
    tracker = Tracker()
    ids = set[int]()
    for index in range(12):
        face = Face(Box.around((40.0 + 24 * index, 100.0), 40.0, 50.0), 0.9)
        ids.update(track.track_id for track in tracker.update((face,), index / 15).tracks)
    assert ids == {1}


def test_a_face_that_nearly_is_a_person_is_waited_for() -> None:
    assert unsettled_after_frames(16, score=0.54)[14:] == [True, True], "0.56 s after it came"
