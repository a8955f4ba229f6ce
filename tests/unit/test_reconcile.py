"""What a new configuration changes."""

from pathlib import Path

import pytest

from pipeline.config.streams import StreamConfig
from pipeline.fleet.reconcile import Changes, claimed, reconcile, restart_needed
from tests.config_files import STREAMS, load
from tests.streams import stream


def changes(before: list[StreamConfig], after: list[StreamConfig]) -> Changes:
    return reconcile({item.id: item for item in before}, after)


def test_what_is_the_same_is_left_alone() -> None:
    said: dict[str, object] = {"labels": {"line": "7"}, "tiles": "2x2", "recording": {"enabled": True}}
    assert changes([stream("a", **said), stream("b")], [stream("b"), stream("a", **said)]) == Changes()


def test_streams_that_come_and_go() -> None:
    found = changes([stream("a"), stream("b")], [stream("b"), stream("c"), stream("B")])
    assert found == Changes(removed=("a",), added=(stream("c"), stream("B")))


@pytest.mark.parametrize(
    "said",
    [
        {"url": "rtsp://viewer:hunter23@192.0.2.10:554/live"},
        {"labels": {"line": "8"}},
        {"preview": {"width_px": 320}},
        {"paused": True, "overlay": False},
    ],
)
def test_a_stream_that_says_something_else(said: dict[str, object]) -> None:
    assert changes([stream("a")], [stream("a", **said)]) == Changes(changed=(stream("a", **said),))


@pytest.mark.parametrize("is_paused", [True, False])
def test_a_stream_that_is_only_paused_or_resumed(is_paused: bool) -> None:
    before, after = stream("a", paused=not is_paused), stream("a", paused=is_paused)
    assert changes([before], [after]) == Changes(switched=(after,))


def test_the_file_claims_ids_whatever_their_case() -> None:
    assert claimed(["Door", "gate", "hall"], [stream("door"), stream("hall")]) == ("Door", "hall")


def test_a_change_of_streams_or_defaults_needs_no_restart(tmp_path: Path) -> None:
    old = load(tmp_path, STREAMS)
    new = load(tmp_path, "defaults: {detector: short}\nstreams: [{id: gate, url: 'camera:1'}]\n")
    assert restart_needed(old, old) == restart_needed(old, new) == ()


def test_what_needs_a_restart_is_told_by_its_key(tmp_path: Path) -> None:
    old = "http: {token: hunter22hunter22, port: 1}\nalerts: {rules: [{name: a, when: camera_down}]}\n"
    new = "http: {token: hunter23hunter23, port: 2}\nalerts: {rules: []}\nprocesses: 2\nlog: {format: json}\n"
    found = restart_needed(load(tmp_path, STREAMS + old), load(tmp_path, STREAMS + new))
    assert set(found) == {"http.token", "http.port", "alerts.rules", "processes", "log.format"}
