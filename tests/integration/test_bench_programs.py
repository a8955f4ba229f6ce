"""The programs that `maskstream bench` times really run, on a small clip."""

import json
import shutil
from pathlib import Path

import av
import pytest

from benchmarks import compare, users_loop
from benchmarks.compare import WORKLOADS, change
from benchmarks.crowd import CROSSING_S, Crowd
from benchmarks.crowd_clip import FRAMES_PER_S, Shelf
from benchmarks.loop_models import STAND_IN
from benchmarks.our_pipeline import run
from benchmarks.rounds import Rounds, Spread
from benchmarks.timed_run import TimedRun, module_output, run_module
from pipeline.errors import ConfigError, SourceError
from tests.models import tiny_model

CROSSING = round(CROSSING_S * FRAMES_PER_S)
MAX_LOOP_LINES = 60


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    return Shelf(tmp_path_factory.mktemp("clips"))


@pytest.fixture(scope="module")
def clip(shelf: Shelf) -> Path:
    return shelf.clips([Crowd(640, 360, 2)], crossings=2)[0]


@pytest.mark.parametrize("faces", [0, 1, 4, 16])
def test_so_many_persons_are_there_at_any_time(faces: int) -> None:
    cast = Crowd(1280, 720, faces).cast()
    assert len({actor.name for actor in cast}) == faces
    for index in range(CROSSING):
        assert all(actor.placement(index / FRAMES_PER_S) for actor in cast)


def test_a_crossing_ends_where_it_begins() -> None:
    for actor in Crowd(1280, 720, 4).cast():
        first, last = actor.path[0], actor.path[-1]
        assert first.x == pytest.approx(last.x)
        assert last.time_s == CROSSING_S


def test_a_crowd_is_drawn_once_for_clips_of_any_length(shelf: Shelf, clip: Path) -> None:
    (drawn,) = (path for path in shelf.folder.iterdir() if path != clip)
    drawn_ns = drawn.stat().st_mtime_ns
    (longer,) = shelf.clips([Crowd(640, 360, 2)], crossings=3)
    assert drawn.stat().st_mtime_ns == drawn_ns
    with av.open(longer) as container:
        times = [frame.time for frame in container.decode(video=0)]
    assert times == pytest.approx([index / FRAMES_PER_S for index in range(3 * CROSSING)])


@pytest.mark.parametrize("options", [(), ("--encode",)])
def test_decoding_alone_sees_every_frame_of_every_stream(clip: Path, options: tuple[str, ...]) -> None:
    assert run_module("benchmarks.decode_alone", [*options, clip, clip]).frames == 2 * 2 * CROSSING


def test_the_pipeline_is_timed_to_the_end_of_its_files(clip: Path, tmp_path: Path) -> None:
    timed = run([clip, clip], tmp_path, with_video=True)
    assert timed.frames == 2 * 2 * CROSSING
    assert timed.persons is not None
    assert timed.persons >= 4
    assert sorted(path.name for path in (tmp_path / "1").iterdir()) == [
        "annotated.mp4",
        "events.jsonl",
        "people.csv",
        "summary.json",
    ]


def test_what_is_skimmed_counts_whole(clip: Path, tmp_path: Path) -> None:
    assert run([clip], tmp_path, with_video=False, sample_per_s=5).frames == 2 * CROSSING


def test_the_users_loop_asks_about_each_face(clip: Path, tmp_path: Path) -> None:
    model = tiny_model(tmp_path)
    timed = run_module("benchmarks.loop_models", ["benchmarks.users_loop", clip, model, "5"])
    assert timed.frames == 5
    assert timed.asked is not None
    assert timed.asked >= 5


def test_without_a_keras_model_the_loop_has_one_of_its_kind(clip: Path) -> None:
    pytest.importorskip("keras", reason="the loop on Keras needs Keras")
    timed = run_module("benchmarks.loop_models", ["benchmarks.users_loop", clip, STAND_IN, "1"])
    assert (timed.frames, timed.asked) == (1, 2)


def test_the_users_loop_is_as_short_as_promised() -> None:
    assert len(Path(users_loop.__file__).read_text(encoding="utf-8").splitlines()) <= MAX_LOOP_LINES


def test_a_program_that_fails_is_told_with_its_last_words(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"benchmarks\.decode_alone ended with 1: .*missing\.mp4"):
        run_module("benchmarks.decode_alone", [tmp_path / "missing.mp4"])


def test_a_revision_is_measured_by_this_benchmark(clip: Path, tmp_path: Path) -> None:
    """A product whose inputs can't be opened fails; the installed one would not."""
    product = tmp_path / "product"
    shutil.copytree(compare.HERE / "pipeline", product / "pipeline", ignore=shutil.ignore_patterns("__pycache__"))
    (product / "pipeline" / "process.py").write_text("raise RuntimeError('another revision')\n", encoding="utf-8")
    tree = compare._tree(tmp_path / "tree", product)
    with pytest.raises(SourceError, match="another revision"):
        run_module("benchmarks.our_pipeline", [clip], tree)


def test_a_revision_that_git_does_not_know_is_told() -> None:
    with pytest.raises(ConfigError, match=r"name a revision with BASE=REV"):
        compare.run("no-such-revision", rounds=1)


@pytest.mark.parametrize(
    ("ratio", "word"), [((0.8, 0.9), ", worse"), ((1.1, 1.2), ", better"), ((0.9, 1.2), ""), ((0.98, 1.02), "")]
)
def test_a_change_is_one_in_every_round(ratio: tuple[float, float], word: str) -> None:
    assert change(Spread.of(ratio)) == word


def test_two_revisions_are_shown_side_by_side() -> None:
    slow, fast = (Rounds((TimedRun(100, wall_s, wall_s, 0),)) for wall_s in (2.0, 1.0))
    table = compare.table("v1", {WORKLOADS[0]: {"base": slow, "here": fast}})
    assert "| 50 (50-50) | 100 (100-100) | 2 (2-2), better | 2 (2-2), better |" in table


def test_each_thread_is_timed(clip: Path) -> None:
    told = json.loads(module_output("benchmarks.thread_times", [clip]))
    assert told["run"]["frames"] == 2 * CROSSING
    assert told["cpu_s"]["decoding"] > 0
    assert 0 < sum(told["cpu_s"].values()) < 60
