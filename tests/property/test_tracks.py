"""What holds of tracking whatever the detector says."""

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.types import Box, Face
from pipeline.vision.track import Tracker, TrackUpdate

FACES = st.builds(
    lambda x, y, side, score: Face(Box.around((x, y), side, side * 1.2), score),
    st.floats(0, 400),
    st.floats(0, 400),
    st.floats(10, 120),
    st.floats(0, 1),
)
STEPS = st.lists(st.tuples(st.floats(0.01, 3.0), st.none() | st.lists(FACES, max_size=4)), max_size=25)
"""Frames as (seconds since the one before, faces); None is a frame without detection."""

Step = tuple[float, list[Face] | None]


def run(steps: Sequence[Step]) -> tuple[list[TrackUpdate], tuple[int, ...]]:
    tracker, media_s, updates = Tracker(), 0.0, []
    for elapsed_s, faces in steps:
        media_s += elapsed_s
        updates.append(tracker.coast(media_s) if faces is None else tracker.update(faces, media_s))
    return updates, tracker.flush()


@settings(deadline=None)
@given(STEPS)
def test_every_person_is_closed_exactly_once_and_never_seen_after(steps: list[Step]) -> None:
    updates, flushed = run(steps)
    closed: list[int] = []
    for update in updates:
        assert not {track.track_id for track in update.tracks} & set(closed)
        closed += update.closed_ids
    closed += flushed
    assert sorted(closed) == list(range(1, len(closed) + 1))


@settings(deadline=None)
@given(STEPS)
def test_tracks_come_in_id_order_each_with_a_face_of_its_own(steps: list[Step]) -> None:
    for update in run(steps)[0]:
        ids = [track.track_id for track in update.tracks]
        assert ids == sorted(set(ids))
        seen = [id(track.face) for track in update.tracks if track.missed_frames == 0]
        assert len(seen) == len(set(seen))


@settings(deadline=None)
@given(STEPS)
def test_only_a_face_of_this_very_frame_counts_as_detected(steps: list[Step]) -> None:
    for (_, faces), update in zip(steps, run(steps)[0], strict=True):
        given_faces = {id(face) for face in faces or []}
        assert all((track.missed_frames == 0) == (id(track.face) in given_faces) for track in update.tracks)


@settings(deadline=None)
@given(STEPS)
def test_the_same_input_gives_the_same_output(steps: list[Step]) -> None:
    assert run(steps) == run(steps)
