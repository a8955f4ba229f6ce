"""A mistake is told with the line on which its key stands, however the file is laid out."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.config_files import mistakes

FILLER = st.lists(st.sampled_from(["", "   ", "# a comment", "      # colour: blue", "#port: 80"]), max_size=3)

FAULTY = {
    "top": ("device: gpu", "device"),
    "defaults": ("  detector: ful", "defaults.detector"),
    "recording": ("    segment_length_s: 0", "defaults.recording.segment_length_s"),
    "first": ("    colour: blue", "streams[0].colour"),
    "second": ("    every_frames: [1]", "streams[1].every_frames"),
    "labels": ("      Line: a", "streams[1].labels.Line"),
    "http": ("  port: 80\n  port: 81", "http.port"),
    "rule": ("      share: 2", "alerts.rules[0].share"),
}

LAYOUT = """\
{top}
defaults:
{defaults}
  recording:
    enabled: true
{recording}
streams:
  - id: door
    url: camera:0
{first}
  -
    id: gate
    url:
      "camera:1"
{second}
    labels:
      vehicle: "7"
{labels}
http:
  bind_address: 127.0.0.1
{http}
alerts:
  rules:
    - name: low
      when: compliance_below
{rule}
"""

VALID = {name: "" for name in FAULTY} | {"rule": "      share: 0.5", "labels": "      line: a"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("lines")


@given(st.sets(st.sampled_from(sorted(FAULTY)), min_size=1), st.data())
def test_the_line_of_every_mistake(folder: Path, chosen: set[str], data: st.DataObject) -> None:
    parts = VALID | {name: FAULTY[name][0] for name in chosen}
    lines: list[str] = []
    for line in LAYOUT.format(**parts).splitlines():
        lines += [*data.draw(FILLER), line]

    found = mistakes(folder, "\n".join(lines))

    expected = {(1 + lines.index(FAULTY[name][0].splitlines()[-1]), FAULTY[name][1]) for name in chosen}
    assert set(found) == expected
