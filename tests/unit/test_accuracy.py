"""The comparison with published peers, on made-up faces, a made-up peer and a made-up answer."""

import json
import platform
from pathlib import Path

import numpy as np
import pytest

from benchmarks import accuracy
from benchmarks.__main__ import main
from benchmarks.accuracy import Answers, CalledMasked, TwoClassFigures
from benchmarks.environment import _processor, environment
from benchmarks.peers import Peer
from pipeline.types import Box
from tests.faces import face_zip
from tests.models import tiny_model
from tests.peer_files import SIZE_PX, tiny_mobilenet, write_wheel
from training.faces import LabelledFace
from training.metrics import MASKED, UNMASKED

COUNTS = {"val": {"masked": 4, "incorrect": 3, "unmasked": 5}, "test": {"masked": 1, "unmasked": 1}}


def face(label: int, source: str = "street", note: str = "", group: str = "") -> LabelledFace:
    return LabelledFace("face", np.zeros((8, 8, 3), np.uint8), Box(0, 0, 8, 8), label, source, group, note)


def judged(faces: list[LabelledFace], masked: list[float]) -> TwoClassFigures:
    """Return the figures of a model that gives these scores to `masked` and half of the rest to `unmasked`."""
    scores = np.array([(share, (1 - share) / 2, (1 - share) / 2) for share in masked], np.float32)
    return accuracy.figures(faces, Answers("model", "box", scores, 1.0))


def test_the_likelier_of_two_classes_is_the_answer() -> None:
    faces = [face(MASKED, group="a"), face(UNMASKED, group="b"), face(MASKED, group="c")]

    # 0.4 against 0.3: masked, although the other two classes together are likelier.
    assert judged(faces, [0.4, 0.2, 0.1]).accuracy == pytest.approx(2 / 3)


def test_noted_faces_have_rows_of_their_own_and_leave_their_source() -> None:
    faces = [face(UNMASKED, note="hand"), face(UNMASKED, note="hand"), face(UNMASKED, note="veil"), face(UNMASKED)]

    found = judged(faces, [0.9, 0.1, 0.1, 0.1])

    assert found.called_masked == {"pasted hands": CalledMasked(2, 1), "veil": CalledMasked(1, 0)}
    assert found.accuracy_by_source == {"street": 1.0}


def test_faces_of_one_photograph_count_once_in_the_interval() -> None:
    labels, masked = [MASKED] * 40, [0.9, 0.1] * 20
    apart = judged([face(label, group=str(i)) for i, label in enumerate(labels)], masked).interval_95
    together = judged([face(label, group=str(i % 2)) for i, label in enumerate(labels)], masked).interval_95

    assert 0.3 < apart[0] < 0.5 < apart[1] < 0.7
    assert together == (0.0, 1.0)


@pytest.fixture
def peers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the wheel of the only peer there is."""
    folder = tmp_path / "peers"
    folder.mkdir()
    wheel = write_wheel(folder, "tiny-peer", {"seed.txt": b"2"})
    peer = Peer(wheel, "seed.txt", lambda data: tiny_mobilenet(int(data)), SIZE_PX)
    monkeypatch.setattr(accuracy, "PEERS", (peer,))
    return folder


@pytest.fixture
def arguments(tmp_path: Path, peers: Path) -> list[str]:
    face_zip(tmp_path / "faces.zip", COUNTS)
    return ["accuracy", "--data", str(tmp_path), "--peers", str(peers), "--model", str(tiny_model(tmp_path))]


def test_the_table_can_be_pasted(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 0

    header, rule, *rows, blank, what = capsys.readouterr().out.splitlines()
    assert header.startswith("| model | crop | two-class accuracy | 95 % interval | source-0 | source-1 |")
    assert {row.count("|") for row in (header, rule, *rows)} == {header.count("|")}
    assert [row.split(" | ")[:2] for row in rows] == [
        ["| tiny", "square"],
        ["| tiny-peer 1.0", "box"],
        ["| tiny-peer 1.0", "square"],
    ]
    assert not blank
    assert what.startswith("Split `val`, 9 faces. ")


def test_the_json_says_what_it_was_taken_with(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*arguments, "--split", "test", "--json"]) == 0

    found = json.loads(capsys.readouterr().out)
    assert (found["split"], found["faces"], len(found["figures"])) == ("test", 2, 3)
    assert found["environment"]["versions"]["NumPy"] == np.__version__
    assert found["environment"]["cores"] == environment().cores >= 1


def test_a_processor_without_a_name_is_its_architecture(tmp_path: Path) -> None:
    table = tmp_path / "cpuinfo"
    table.write_text("processor\t: 0\nmodel name\t: Some Chip 9\n\nmodel name\t: Some Chip 9\n")

    assert _processor(table) == "Some Chip 9"
    assert _processor(tmp_path / "gone") == platform.machine()
