"""What holds of the choice of crops whatever the scene."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from pipeline.types import Box, Face, Track
from pipeline.vision.pick import TIME_TOLERANCE_S, Pick, Picker, PickSettings

TRACKS = st.builds(
    lambda track_id, size, missed: Track(track_id, Face(Box.around((0.0, 0.0), size, size), 0.9), missed_frames=missed),
    st.integers(1, 6),
    st.floats(8, 200),
    st.integers(0, 1),
)
FRAMES = st.lists(
    st.tuples(
        st.floats(0.01, 0.5),
        st.lists(TRACKS, max_size=6, unique_by=lambda track: track.track_id),
        st.dictionaries(st.integers(1, 6), st.floats(0, 1)),
    ),
    max_size=20,
)
BUDGETS = st.integers(0, 4)

Scene = list[tuple[float, list[Track], dict[int, float]]]


def run(scene: Scene, budget: int) -> list[tuple[float, tuple[Pick, ...]]]:
    picker, media_s, chosen = Picker(PickSettings(max_crops_per_frame=budget)), 0.0, []
    for elapsed_s, tracks, doubts in scene:
        media_s += elapsed_s
        chosen.append((media_s, picker.choose(tracks, media_s, doubts)))
    return chosen


@given(FRAMES, BUDGETS)
def test_a_frame_never_exceeds_its_budget_and_picks_detected_faces_once(scene: Scene, budget: int) -> None:
    for (_, tracks, _), (_, picks) in zip(scene, run(scene, budget), strict=True):
        ids = [pick.track.track_id for pick in picks]
        assert len(ids) == len(set(ids)) <= budget
        assert all(pick.track in tracks and pick.track.missed_frames == 0 for pick in picks)
        assert [pick.reason for pick in picks] == sorted(pick.reason for pick in picks)


@given(FRAMES)
def test_a_person_is_never_looked_at_more_often_than_the_interval_allows(scene: Scene) -> None:
    last: dict[int, float] = {}
    for media_s, picks in run(scene, 99):
        for pick in picks:
            previous_s = last.get(pick.track.track_id)
            assert previous_s is None or media_s - previous_s >= PickSettings().min_interval_s - TIME_TOLERANCE_S
            last[pick.track.track_id] = media_s


@given(FRAMES)
def test_with_budget_enough_every_first_sight_is_looked_at(scene: Scene) -> None:
    seen: set[int] = set()
    for (_, tracks, _), (_, picks) in zip(scene, run(scene, 99), strict=True):
        new = {track.track_id for track in tracks if track.missed_frames == 0} - seen
        assert new <= {pick.track.track_id for pick in picks}
        seen |= new


@given(st.integers(1, 12), st.integers(1, 8))
def test_a_crowd_is_served_evenly(persons: int, budget: int) -> None:
    crowd = [Track(track_id, Face(Box(0, 0, 40, 40), 0.9)) for track_id in range(1, persons + 1)]
    picker, looks = Picker(PickSettings(max_crops_per_frame=budget)), Counter[int]()
    for index in range(40):
        looks.update(pick.track.track_id for pick in picker.choose(crowd, index * 0.11, {}))
    assert max(looks.values()) - min(looks[track.track_id] for track in crowd) <= 1


@given(FRAMES, BUDGETS)
def test_the_same_scene_gives_the_same_picks(scene: Scene, budget: int) -> None:
    assert run(scene, budget) == run(scene, budget)
