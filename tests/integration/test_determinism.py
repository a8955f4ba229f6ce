"""Recorded input gives the same tables whatever the timing."""

from pathlib import Path

import pytest

from tests.lanes import Delays, ScriptedSource, SlowSink, run_lanes, scripted_batcher, scripted_lane, table_sinks

FRAMES = 120


def run_tables(folder: Path, seed: int | None) -> dict[str, bytes]:
    """Run two lanes over one batcher, every stage delayed by `seed`; return the bytes of each table."""
    delays = Delays(seed)
    batcher = scripted_batcher(delays)
    lanes = []
    for name in ("front", "rear door"):
        sinks = [*table_sinks(folder / name), SlowSink(delays)]
        lanes.append(scripted_lane(ScriptedSource(name, FRAMES, delays), sinks, batcher, delays))
    run_lanes(lanes, batcher)
    assert [lane.error for lane in lanes] == [None, None]
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*.*"))}


@pytest.fixture(scope="module")
def undelayed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return run_tables(tmp_path_factory.mktemp("undelayed"), None)


@pytest.mark.parametrize("seed", range(6))
def test_tables_are_the_same_bytes_under_random_delays_in_every_stage(
    tmp_path: Path, undelayed: dict[str, bytes], seed: int
) -> None:
    assert run_tables(tmp_path, seed) == undelayed


def test_the_tables_compared_hold_persons_and_changes_of_verdict(undelayed: dict[str, bytes]) -> None:
    assert sorted(undelayed) == [
        "front/events.jsonl",
        "front/people.csv",
        "rear door/events.jsonl",
        "rear door/people.csv",
    ]
    assert min(content.count(b"\n") for content in undelayed.values()) > 2
