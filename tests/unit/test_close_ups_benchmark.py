"""What the benchmark of looks close up counts."""

from contextlib import closing
from pathlib import Path

from benchmarks.close_ups import BY_EITHER, BY_FULL, BY_ITSELF, BY_SHORT, KNOWN, NEW, SIDE_BY_SIDE, CloseUps, table
from benchmarks.moving_scenes import demo_face
from benchmarks.policy_scenes import drawn_scenes


def test_the_faces_of_the_demo_are_found_close_up(tmp_path: Path) -> None:
    (scene,) = drawn_scenes(demo_face(), tmp_path, ())
    with closing(CloseUps()) as close_ups:
        close_ups.watch(scene.path)
        figures = close_ups.figures
    assert figures[KNOWN] > figures[NEW] > 0
    assert 0.7 * figures[KNOWN] < figures[SIDE_BY_SIDE] <= figures[KNOWN]
    assert figures[BY_ITSELF] <= figures[KNOWN]
    assert max(figures[BY_FULL], figures[BY_SHORT]) <= figures[BY_EITHER] <= figures[NEW]
    assert figures[BY_EITHER] <= figures[BY_FULL] + figures[BY_SHORT]


def test_shares_are_of_the_faces_that_were_there() -> None:
    counts = {KNOWN: 8, BY_ITSELF: 6, SIDE_BY_SIDE: 4, NEW: 0, BY_FULL: 0, BY_SHORT: 0, BY_EITHER: 0}
    lines = table(counts).splitlines()
    assert lines[2:5] == ["| known faces | 8 |  |", f"| {BY_ITSELF} | 6 | 75.0% |", f"| {SIDE_BY_SIDE} | 4 | 50.0% |"]
    assert lines[-1] == f"| {BY_EITHER} | 0 | 0.0% |"
