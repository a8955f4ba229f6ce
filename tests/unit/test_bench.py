"""What `maskstream bench` makes of runs: ratios, goals, reports; nothing here is timed."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import bench, pipeline_speed, scaling, stream_capacity
from benchmarks.bench import BenchRequest, measure, write
from benchmarks.crowd_clip import Shelf
from benchmarks.environment import Environment
from benchmarks.pipeline_speed import ANNOTATED, DECODE, ENCODE, KERAS_LOOP, ORT_LOOP, OURS
from benchmarks.report_part import Goal, Part, Table
from benchmarks.rounds import Rounds, Spread, interleaved
from benchmarks.stream_capacity import Level, largest
from benchmarks.timed_run import TimedRun
from pipeline.cli import BENCH_PARTS, maskstream
from pipeline.errors import ConfigError, SinkError

PNG = b"\x89PNG\r\n"
MACHINE = Environment("2026-01-01", "a processor", 2, {"Python": "3.11"})


def timed(frames_per_s: float, peak_mb: float = 100.0, cpu_ms: float = 5.0) -> TimedRun:
    return TimedRun(100, 100 / frames_per_s, 0.1 * cpu_ms, round(1e6 * peak_mb))


def rounds(*frames_per_s: float) -> Rounds:
    return Rounds(tuple(timed(each) for each in frames_per_s))


def test_contenders_take_turns() -> None:
    order: list[str] = []

    def contender(name: str) -> TimedRun:
        order.append(name)
        return timed(10)

    found = interleaved({"a": lambda: contender("a"), "b": lambda: contender("b")}, rounds=2)
    assert order == ["a", "b", "a", "b"]
    assert len(found["a"].runs) == 2


def test_a_ratio_is_taken_within_its_round() -> None:
    """The machine was half as fast in the second round, for both."""
    ratio = rounds(80, 40).speed_against(rounds(100, 50))
    assert (ratio.low, ratio.high) == pytest.approx((0.8, 0.8))


def test_thrift_is_the_inverse_of_cpu_time() -> None:
    cheap, dear = Rounds((timed(10, cpu_ms=2),)), Rounds((timed(10, cpu_ms=6),))
    assert cheap.thrift_against(dear).median == pytest.approx(3)


def test_a_spread_is_short() -> None:
    assert str(Spread.of([3.14159, 1.0, 250.7])) == "3.14 (1-251)"


@pytest.mark.parametrize(
    ("bar", "is_ceiling", "word"), [(0.8, False, "PASS"), (1.2, False, "FAIL"), (0.8, True, "FAIL")]
)
def test_a_goal_says_whether_it_is_met(bar: float, is_ceiling: bool, word: str) -> None:
    assert str(Goal("speed", bar, Spread(1.0, 0.9, 1.1), is_ceiling)).startswith(f"{word}  speed: 1 (0.9-1.1), bar ")


def pipeline_part(decode: float = 100.0) -> Part:
    one = {DECODE: rounds(decode), OURS: rounds(85), ENCODE: rounds(40), ANNOTATED: rounds(38)}
    four = {**one, ORT_LOOP: rounds(4), KERAS_LOOP: rounds(0.3)}
    return pipeline_speed.part({"1080p, 1 face": one, "1080p, 4 faces": four, "2 x 1080p, 1 face": one}, ["A note."])


def test_the_goals_of_the_pipeline_are_those_that_were_measured() -> None:
    found = {goal.name.split(",")[0]: goal.is_met for goal in pipeline_part().goals}
    assert found == {"one stream": True, "two streams": True, "with annotated video": True, "four faces": True}
    assert not pipeline_part(decode=1000.0).goals[0].is_met


def level(streams: int, age_s: float = 0.1, memory_mb: float = 300.0) -> Level:
    return Level(streams, age_s, 0.0, 1.0, 25.0 * streams, 10.0, 1.0, 0.1, memory_mb)


def streams_part() -> Part:
    return stream_capacity.part([level(2), level(4, memory_mb=360), level(8, 2.0, 500), level(6, memory_mb=450)])


def test_the_largest_number_of_streams_is_told_with_the_memory_of_each() -> None:
    part = streams_part()
    assert part.data["largest"] == 6
    (goal,) = part.goals
    assert goal.measured.median == pytest.approx(200 / 6)


@pytest.mark.parametrize(("age_s", "drop_ratio", "fairness"), [(0.6, 0, 1), (0.1, 0.02, 1), (0.1, 0, 0.8)])
def test_an_objective_fails_by_each_of_its_figures(age_s: float, drop_ratio: float, fairness: float) -> None:
    assert level(1).holds
    assert not Level(1, age_s, drop_ratio, fairness, 25, 10, 1, 0.1, 100).holds


@given(capacity=st.integers(0, 64), most=st.integers(1, 64))
def test_the_search_finds_the_largest_number(capacity: int, most: int) -> None:
    assert largest(lambda count: count <= capacity, most, probes=20) == min(capacity, most)


@given(capacity=st.integers(0, 64), probes=st.integers(1, 5))
def test_a_search_cut_short_names_only_what_held(capacity: int, probes: int) -> None:
    asked: list[int] = []

    def holds(count: int) -> bool:
        asked.append(count)
        return count <= capacity

    found = largest(holds, 64, probes)
    assert len(asked) <= probes
    assert found in [0, *(count for count in asked if count <= capacity)]


def scaling_part() -> Part:
    axes = scaling.FULL.axes()
    points = {point for axis in axes for _, point in axis.points}
    runs = {point: replace(timed(100, peak_mb=200 + 50 * point.streams), mb_per_hour=(0.25, 1.5)) for point in points}
    return scaling.part(axes, {point.name: Rounds((run,)) for point, run in runs.items()})


def test_scaling_tells_the_memory_of_a_stream_and_its_growth_over_time() -> None:
    per_stream, growth = scaling_part().goals
    assert per_stream.measured.median == pytest.approx(50)
    assert not per_stream.is_met
    assert growth.measured.median == pytest.approx(1)
    assert growth.is_met
    (note,) = scaling_part().notes
    assert "120 minutes of video, done in 0: +0.2 MB an hour of running, standard error 1.5." in note


def test_the_quick_rounds_repeat_what_has_a_goal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked: list[int] = []

    def run_module(_module: str, clips: Sequence[str]) -> TimedRun:
        asked.append(len(clips))
        return timed(100)

    monkeypatch.setattr(scaling, "run_module", run_module)
    monkeypatch.setattr(Shelf, "clips", lambda _self, crowds, _crossings: [tmp_path for _ in crowds])
    part = scaling.run(Shelf(tmp_path), scaling.QUICK)
    assert asked == [1, 1, 1, 1, 1, 1, 4, 1, 4]
    assert len(part.goals) == 1


@pytest.mark.parametrize("part", [pipeline_part(), streams_part(), scaling_part()], ids=lambda part: part.name)
def test_a_part_is_written_with_its_plots(part: Part, tmp_path: Path) -> None:
    write([part], MACHINE, tmp_path)
    text = (tmp_path / "bench.md").read_text(encoding="utf-8")
    assert str(MACHINE) in text
    assert all(goal in text for goal in map(str, part.goals))
    assert part.plots
    for name in part.plots:
        assert f"({name})" in text
        assert (tmp_path / name).read_bytes().startswith(PNG)
    found = json.loads((tmp_path / "bench.json").read_text(encoding="utf-8"))
    assert found["environment"]["cores"] == 2
    assert found["parts"][part.name]["data"]


def test_parts_are_told_as_they_come(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(bench._RUNNERS, "scaling", lambda _request, _folder: Part("scaling", "How.", (TABLE,)))
    closing = measure(BenchRequest(tmp_path / "out", ("scaling",)))
    assert "| 1 | 2 |" in capsys.readouterr().out
    assert str(tmp_path / "out" / "bench.md") in closing


TABLE = Table("Figures", ("a", "b"), (("1", "2"),))


def test_a_table_is_markdown() -> None:
    assert TABLE.markdown.splitlines() == ["**Figures**", "", "| a | b |", "| --- | --- |", "| 1 | 2 |"]


def test_the_command_offers_every_part() -> None:
    assert BENCH_PARTS == bench.PARTS


@pytest.mark.parametrize("option", ["--clip", "--keras", "--fp32"])
def test_a_missing_file_is_told_before_anything_is_measured(option: str, tmp_path: Path) -> None:
    missing = tmp_path / "missing.mp4"
    result = CliRunner().invoke(maskstream, ["bench", option, str(missing), "--out", str(tmp_path / "out")])
    assert isinstance(result.exception, ConfigError)
    assert str(missing) in str(result.exception)
    assert not (tmp_path / "out").exists()


def test_an_unknown_part_is_told_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"sources is no part .* pipeline, "):
        measure(BenchRequest(tmp_path, ("sources",)))


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SinkError, match="choose another with --out"):
        measure(BenchRequest(tmp_path / "file" / "out"))


@pytest.mark.parametrize(
    ("parts", "clip", "draws"),
    [((), None, True), (("classifier",), None, False), (("pipeline",), "a.mp4", False), (("streams",), "a.mp4", True)],
)
def test_the_picture_is_asked_for_where_something_is_drawn(
    parts: tuple[str, ...], clip: str | None, draws: bool
) -> None:
    assert BenchRequest(Path("out"), parts, clip=Path(clip) if clip else None).draws is draws
