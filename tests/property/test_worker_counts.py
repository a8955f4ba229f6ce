"""Whatever workers and lanes do, no counter runs backwards, and what was seen is counted once."""

from typing import TypeAlias

from hypothesis import given
from hypothesis import strategies as st

from tests.reported import scrape
from tests.reported_fleet import ReportedFleet

STREAMS = ("hall", "door")
WORKERS = (0, 1)

Deed: TypeAlias = tuple[str, int]
DEEDS = st.lists(
    st.tuples(
        st.sampled_from(("frame", "frame", "scrape", "crash", "lane ends", "late", "in time")), st.integers(0, 1)
    ),
    max_size=40,
)


def series(stream: str) -> str:
    return f'maskstream_frames_total{{outcome="processed",stream="{stream}"}}'


def act(fleet: ReportedFleet, deed: Deed) -> None:
    """Do something at a worker, which runs the stream of its own number."""
    what, worker = deed
    stream = STREAMS[worker]
    match what:
        case "frame":
            fleet.workers[worker].frame_done(stream, "processed")
            fleet.workers[worker].stage_took("detect", 0.01)
        case "crash":
            fleet.crash(worker)
        case "lane ends":
            fleet.workers[worker].remove_stream(stream)
        case "late":
            fleet.late.add(worker)
        case "in time":
            fleet.late.discard(worker)


def looked(fleet: ReportedFleet) -> dict[str, float]:
    found = scrape(fleet.registry)
    return {
        name: value
        for name, value in found.items()
        if name.startswith(("maskstream_frames_total", "maskstream_stage_duration_seconds"))
    }


@given(DEEDS)
def test_no_counter_runs_backwards(deeds: list[Deed]) -> None:
    fleet = fleet_of_two()
    before: dict[str, float] = {}
    for deed in deeds:
        act(fleet, deed)
        if deed[0] in ("scrape", "crash"):
            after = looked(fleet)
            assert {name: after.get(name, -1.0) >= value for name, value in before.items()} == dict.fromkeys(
                before, True
            )
            before = after


@given(DEEDS)
def test_what_was_seen_is_counted_once(deeds: list[Deed]) -> None:
    fleet = fleet_of_two()
    frames = dict.fromkeys(STREAMS, 0)
    for deed in deeds:
        if deed[0] != "late":
            act(fleet, deed)
            looked(fleet)
            frames[STREAMS[deed[1]]] += deed[0] == "frame"
    found = looked(fleet)
    assert {stream: found.get(series(stream), 0) for stream in STREAMS} == frames
    assert found.get('maskstream_stage_duration_seconds_count{stage="detect"}', 0) == sum(frames.values())


def fleet_of_two() -> ReportedFleet:
    fleet = ReportedFleet(len(WORKERS))
    for stream in STREAMS:
        fleet.metrics.stream_added(stream, {})
    return fleet
