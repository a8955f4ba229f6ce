"""Bad input ends in one clear sentence and its own exit code, and costs the other inputs nothing."""

from collections.abc import Callable
from pathlib import Path

import onnx
import pytest

from tests.command import Command
from tests.media import Clip, damaged, truncated, write_audio, write_clip
from tests.models import tiny_graph, tiny_model

MANY = tuple(index / 10 for index in range(40))


def missing(folder: Path) -> Path:
    return folder / "missing.mp4"


def empty_folder(folder: Path) -> Path:
    path = folder / "empty"
    path.mkdir()
    return path


def text(folder: Path) -> Path:
    path = folder / "text.mp4"
    path.write_text("this is not a video\n" * 50, encoding="utf-8")
    return path


def zero_bytes(folder: Path) -> Path:
    path = folder / "zero.mp4"
    path.write_bytes(b"")
    return path


def audio_only(folder: Path) -> Path:
    return write_audio(folder / "audio.m4a")


def cut_mp4(folder: Path) -> Path:
    return truncated(write_clip(folder / "whole.mp4", Clip(times_s=MANY)))


def cut_mkv(folder: Path) -> Path:
    return truncated(write_clip(folder / "whole.mkv", Clip(times_s=MANY)))


def broken_packets(folder: Path) -> Path:
    return damaged(write_clip(folder / "whole.mp4", Clip(times_s=MANY, options={"g": "5"})))


BAD_INPUTS = (missing, empty_folder, text, zero_bytes, audio_only, cut_mp4, cut_mkv, broken_packets)


def is_one_sentence(err: str) -> bool:
    return "Traceback" not in err and len(err.strip().splitlines()) == 1 and err.startswith("maskstream: ")


@pytest.mark.parametrize("make", BAD_INPUTS)
def test_a_bad_input_alone_exits_3_with_one_sentence(
    make: Callable[[Path], Path], tmp_path: Path, model: Path, command: Command
) -> None:
    bad = make(tmp_path)
    ended = command("process", bad, "--out", tmp_path / "out", "--model", model)
    assert ended.code == 3, ended
    assert is_one_sentence(ended.err), ended.err


@pytest.mark.parametrize("make", BAD_INPUTS)
def test_other_inputs_are_still_done_and_the_call_exits_5(
    make: Callable[[Path], Path], tmp_path: Path, model: Path, command: Command
) -> None:
    good = write_clip(tmp_path / "good.mp4")
    ended = command("process", make(tmp_path), good, "--out", tmp_path / "out", "--model", model, "--quiet")
    assert ended.code == 5, ended
    assert ended.out == ""
    assert is_one_sentence(ended.err), ended.err
    assert {path.name for path in (tmp_path / "out" / "good").iterdir()} == {
        "annotated.mp4",
        "people.csv",
        "events.jsonl",
        "summary.json",
    }


@pytest.mark.parametrize("make", [cut_mkv, broken_packets])
def test_what_could_be_read_of_a_damaged_input_is_kept(
    make: Callable[[Path], Path], tmp_path: Path, model: Path, command: Command
) -> None:
    bad = make(tmp_path)
    command("process", bad, "--out", tmp_path / "out", "--model", model)
    assert (tmp_path / "out" / bad.stem / "annotated.mp4").stat().st_size > 0
    assert (tmp_path / "out" / bad.stem / "summary.json").is_file()


def test_an_output_folder_that_cannot_be_made_exits_6(tmp_path: Path, model: Path, command: Command) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("not a folder", encoding="utf-8")
    ended = command("process", write_clip(tmp_path / "a.mp4"), "--out", in_the_way / "out", "--model", model)
    assert ended.code == 6
    assert is_one_sentence(ended.err), ended.err


def corrupt(folder: Path) -> Path:
    path = tiny_model(folder)
    path.write_bytes(path.read_bytes()[:100])
    return path


def without_card(folder: Path) -> Path:
    path = folder / "bare.onnx"
    path.write_bytes(tiny_graph(3).SerializeToString())
    return path


def of_another_shape(folder: Path) -> Path:
    path = tiny_model(folder)
    wrong = tiny_graph(3, size_px=48).SerializeToString()
    card = path.with_suffix(".json")
    from pipeline.model_card import sha256_of

    card.write_text(card.read_text(encoding="utf-8").replace(sha256_of(path.read_bytes()), sha256_of(wrong)), "utf-8")
    path.write_bytes(wrong)
    return path


def absent(folder: Path) -> Path:
    return folder / "absent.onnx"


@pytest.mark.parametrize("make", [corrupt, without_card, of_another_shape, absent])
@pytest.mark.parametrize("verb", ["process", "predict"])
def test_an_unusable_model_exits_4(make: Callable[[Path], Path], verb: str, tmp_path: Path, command: Command) -> None:
    clip = write_clip(tmp_path / "a.mp4")
    out = ("--out", tmp_path / "out") if verb == "process" else ()
    ended = command(verb, clip, *out, "--model", make(tmp_path))
    assert ended.code == 4, ended
    assert is_one_sentence(ended.err), ended.err


def test_a_model_of_the_wrong_output_is_refused(tmp_path: Path, command: Command) -> None:
    path = tiny_model(tmp_path)
    graph = tiny_graph(2)
    onnx.save(graph, str(path))
    ended = command("predict", tmp_path / "any.png", "--model", path)
    assert ended.code == 4
    assert is_one_sentence(ended.err), ended.err


@pytest.mark.parametrize("device", ["cuda", "tensorrt"])
def test_a_device_that_is_not_there_is_an_error_and_no_silent_cpu_run(
    device: str, tmp_path: Path, model: Path, command: Command
) -> None:
    from pipeline.inference.providers import available_devices

    if device in available_devices():
        pytest.skip(f"this machine has {device}")
    clip = write_clip(tmp_path / "a.mp4")
    ended = command("process", clip, "--out", tmp_path / "out", "--model", model, "--device", device)
    assert ended.code == 4
    assert is_one_sentence(ended.err), ended.err


@pytest.mark.parametrize(
    "words",
    [
        ("process", "--bogus"),
        ("process", "a.mp4"),
        ("process", "a.mp4", "--out", "out", "--tiles", "2"),
        ("process", "a.mp4", "--out", "out", "--start-time", "noon"),
        ("process", "a.mp4", "--out", "out", "--jobs", "0"),
        ("nonsense",),
    ],
)
def test_a_wrong_option_exits_2_without_a_traceback(words: tuple[str, ...], command: Command) -> None:
    ended = command(*words)
    assert ended.code == 2
    assert "Error: " in ended.err
    assert "Traceback" not in ended.err


def test_credentials_in_a_url_never_reach_the_output(tmp_path: Path, model: Path, command: Command) -> None:
    url = "rtsp://operator:s3cr3t-Word@127.0.0.1:9/door?password=s3cr3t-Word"
    ended = command("process", url, "--out", tmp_path / "out", "--model", model)
    assert ended.code == 3
    assert "s3cr3t" not in ended.out + ended.err
    assert is_one_sentence(ended.err), ended.err
    assert not [path for path in (tmp_path / "out").rglob("*") if "s3cr3t" in str(path)]
