"""`maskstream process` and `predict` as their users meet them, on a clip with a real face."""

import csv
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from pipeline.sources.demo_picture import demo_picture
from pipeline.sources.pictures import load_picture
from pipeline.types import UInt8Array
from tests.command import Command
from tests.media import Clip, write_clip
from tests.rtsp_server import rtp_packets, serving_rtsp

FRAMES = 25


@pytest.fixture(scope="session")
def face() -> UInt8Array:
    """The public-domain portrait that the demo uses, (256, 256, 3) RGB."""
    picture = load_picture(demo_picture())
    return np.asarray(cv2.resize(picture, (256, 256), interpolation=cv2.INTER_AREA), np.uint8)


@pytest.fixture
def clip(tmp_path: Path, face: UInt8Array) -> Path:
    """A second of that face, drifting to the right."""

    def picture(index: int, _width: int, _height: int) -> UInt8Array:
        return np.asarray(np.roll(face, index, axis=1), np.uint8)

    times_s = tuple(index / 25 for index in range(FRAMES))
    return write_clip(tmp_path / "person.mp4", Clip(256, 256, times_s=times_s, picture=picture))


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_one_person_gives_one_row_and_all_four_files(clip: Path, model: Path, tmp_path: Path, command: Command) -> None:
    ended = command("process", clip, "--out", tmp_path / "out", "--model", model, "--json")
    assert ended.code == 0, ended.err
    folder = tmp_path / "out" / "person"
    summary = json.loads(ended.out)
    assert summary == json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    assert (summary["frames"], sum(summary["persons"].values())) == (FRAMES, 1)
    assert summary["model"]["name"] == "tiny"
    assert [row["person_id"] for row in rows(folder / "people.csv")] == ["1"]
    events = [json.loads(line) for line in (folder / "events.jsonl").read_text(encoding="utf-8").splitlines()]
    assert events[0]["from"] == "unknown"
    with av.open(str(folder / "annotated.mp4")) as container:
        assert sum(1 for _ in container.decode(video=0)) == FRAMES
        assert container.duration is not None
        assert container.duration / 1e6 == pytest.approx(1.0, abs=1 / 25)


def test_several_inputs_of_one_name_get_folders_of_their_own(
    clip: Path, model: Path, tmp_path: Path, command: Command
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / clip.name).write_bytes(clip.read_bytes())
    ended = command("process", clip, other, "--out", tmp_path / "out", "--model", model, "--no-video", "--jobs", 2)
    assert ended.code == 0, ended.err
    tables = [(tmp_path / "out" / name / "people.csv").read_bytes() for name in ("person", "person-2")]
    assert tables[0] == tables[1]
    assert not list((tmp_path / "out").rglob("annotated*"))


def test_every_nth_frame_finds_the_same_person(clip: Path, model: Path, tmp_path: Path, command: Command) -> None:
    ended = command("process", clip, "--out", tmp_path / "out", "--model", model, "--every", 3, "--json")
    assert sum(json.loads(ended.out)["persons"].values()) == 1


def test_a_sample_finds_the_same_person_and_says_what_it_is(
    clip: Path, model: Path, tmp_path: Path, command: Command
) -> None:
    ended = command("process", clip, "--out", tmp_path / "out", "--model", model, "--sample", 5, "--json")
    summary = json.loads(ended.out)
    assert (summary["frames"], summary["sample_per_s"]) == (5, 5.0)
    assert summary["duration_s"] == pytest.approx(1.0, abs=1 / 25)
    assert sum(summary["persons"].values()) == 1


def test_every_face_of_every_frame_is_classified_where_that_is_wanted(
    clip: Path, model: Path, tmp_path: Path, command: Command
) -> None:
    words = ("process", clip, "--model", model, "--no-video", "--every-face", "--out", tmp_path / "out")
    assert command(*words).code == 0
    (person,) = rows(tmp_path / "out" / clip.stem / "people.csv")
    assert int(person["votes"]) > 0.8 * FRAMES, "a person is one from the second frame or so"
    ended = command(*words, "--every", 3)
    assert ended.code == 2
    assert "--every 3 does not" in ended.err


def test_what_is_no_recording_has_no_sample(pictures: Path, model: Path, tmp_path: Path, command: Command) -> None:
    ended = command("process", pictures, "--out", tmp_path / "out", "--model", model, "--sample", 5)
    assert ended.code == 2
    assert "--sample is for recordings" in ended.err


def test_a_start_time_dates_the_rows(clip: Path, model: Path, tmp_path: Path, command: Command) -> None:
    start = "2026-03-01T08:30:00+01:00"
    command("process", clip, "--out", tmp_path / "out", "--model", model, "--start-time", start, "--quiet")
    (row,) = rows(tmp_path / "out" / "person" / "people.csv")
    assert row["first_seen_utc"].startswith("2026-03-01T07:30:0")


def test_a_duration_ends_the_input_there(clip: Path, model: Path, tmp_path: Path, command: Command) -> None:
    ended = command("process", clip, "--out", tmp_path / "out", "--model", model, "--duration", 0.4, "--json")
    assert json.loads(ended.out)["frames"] == 10


@pytest.fixture
def pictures(tmp_path: Path, face: UInt8Array) -> Path:
    """A folder of four pictures of the face and one file that is none."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    for index in range(4):
        shifted = np.roll(face, 3 * index, axis=1)
        cv2.imwrite(str(folder / f"{index}.png"), cv2.cvtColor(shifted, cv2.COLOR_RGB2BGR))
    return folder


def test_pictures_are_judged_one_by_one(pictures: Path, model: Path, tmp_path: Path, command: Command) -> None:
    ended = command("process", pictures, "--out", tmp_path / "out", "--model", model)
    assert ended.code == 0, ended.err
    table = rows(tmp_path / "out" / "pictures" / "pictures.csv")
    assert [row["file"] for row in table] == ["0.png", "1.png", "2.png", "3.png"]
    assert all(row["verdict"] for row in table)


def test_a_sequence_of_pictures_is_a_video(pictures: Path, model: Path, tmp_path: Path, command: Command) -> None:
    ended = command("process", pictures, "--out", tmp_path / "out", "--model", model, "--sequence", 4, "--json")
    assert ended.code == 0, ended.err
    summary = json.loads(ended.out)
    assert (summary["frames"], summary["duration_s"]) == (4, 1.0)
    assert sum(summary["persons"].values()) == 1


def test_a_bad_picture_costs_the_others_nothing(pictures: Path, model: Path, tmp_path: Path, command: Command) -> None:
    (pictures / "2b.jpg").write_text("no picture", encoding="utf-8")
    ended = command("process", pictures, "--out", tmp_path / "out", "--model", model)
    assert ended.code == 3
    assert "2b.jpg" in ended.err
    assert len(rows(tmp_path / "out" / "pictures" / "pictures.csv")) == 4


def test_predict_prints_an_object_a_picture(pictures: Path, model: Path, tmp_path: Path, command: Command) -> None:
    first, missing, second = pictures / "0.png", tmp_path / "none.png", pictures / "1.png"
    ended = command("predict", first, missing, second, "--json", "--model", model)
    assert ended.code == 5
    objects = [json.loads(line) for line in ended.out.splitlines()]
    assert [item["input"] for item in objects] == [str(first), str(second)]
    (found,) = objects[0]["faces"]
    x1, y1, x2, y2 = found["box"]
    assert 0 <= x1 < x2 <= 256
    assert 0 <= y1 < y2 <= 256
    assert set(found["probabilities"]) == {"masked", "incorrect", "unmasked"}
    assert sum(found["probabilities"].values()) == pytest.approx(1, abs=1e-3)


def test_predict_takes_a_crop_as_the_face(pictures: Path, model: Path, command: Command) -> None:
    ended = command("predict", pictures / "0.png", "--crops", "--json", "--model", model)
    assert json.loads(ended.out)["faces"][0]["box"] == [0, 0, 256, 256]


def test_models_names_the_devices(command: Command) -> None:
    ended = command("models", "--json")
    assert ended.code == 0, ended.err
    assert "cpu" in json.loads(ended.out)["devices"]


@pytest.fixture
def long_clip(tmp_path: Path, face: UInt8Array) -> Path:
    """Minutes of the face: longer than any test waits."""
    times_s = tuple(index / 25 for index in range(4000))
    options = {"preset": "ultrafast"}
    return write_clip(tmp_path / "long.mp4", Clip(256, 256, times_s=times_s, picture=lambda *_: face, options=options))


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_finalises_what_was_done(
    number: signal.Signals, long_clip: Path, model: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    words = ["process", str(long_clip), "--out", str(out), "--model", str(model), "--metrics-port", "0"]
    process = subprocess.Popen(
        [sys.executable, "-c", "from pipeline.cli import main; main()", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    partial = out / "long" / "annotated.mp4.partial"
    while process.poll() is None and not (partial.exists() and partial.stat().st_size > 20_000):
        pass
    process.send_signal(number)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 130, err
    assert "Traceback" not in err
    summary = json.loads((out / "long" / "summary.json").read_text(encoding="utf-8"))
    assert summary["interrupted"] is True
    with av.open(str(out / "long" / "annotated.mp4")) as container:
        assert sum(1 for _ in container.decode(video=0)) == summary["frames"] > 0


def test_a_live_stream_is_processed_to_its_end(model: Path, tmp_path: Path, command: Command) -> None:
    with serving_rtsp(rtp_packets(12)) as address:
        url = f"rtsp://operator:s3cr3t-Word@{address}/door"
        ended = command("process", url, "--out", tmp_path / "out", "--model", model, "--duration", 60, "--json")
    summary = json.loads(ended.out)
    assert 0 < summary["frames"] <= 12
    assert "s3cr3t" not in ended.out + ended.err
    assert not [path for path in (tmp_path / "out").rglob("*") if b"s3cr3t" in str(path).encode() + _content(path)]


def _content(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""
