"""The client and the addresses of docs/api.md, as they stand there."""

import importlib.util
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from pipeline.stream_events import StreamRemoved
from pipeline.stream_status import Owner
from pipeline.types import Box, MaskState
from pipeline.upload import CheckedFace, ClipState
from tests.service import TOKEN, ScriptedControl, ScriptedExamination, served, stream_status

DOCS = Path(__file__).parents[2] / "docs" / "api.md"
FACE = CheckedFace(Box(1, 2, 31, 42), MaskState.MASKED, 0.875, {MaskState.MASKED: 0.875, MaskState.UNMASKED: 0.125}, 30)


def code_of_docs() -> list[str]:
    return re.findall(r"```python\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)


@pytest.fixture
def client_module(tmp_path: Path) -> Iterator[ModuleType]:
    """The module as one copies it, under the name by which the example imports it."""
    path = tmp_path / "maskstream_client.py"
    path.write_text(code_of_docs()[0], encoding="utf-8")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[path.stem] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module
    del sys.modules[path.stem]


@pytest.fixture
def examination() -> ScriptedExamination:
    return ScriptedExamination(faces=(FACE,))


@pytest.fixture
def control(examination: ScriptedExamination) -> ScriptedControl:
    return ScriptedControl({"door": stream_status("door", Owner.REST)}, examination=examination)


@pytest.fixture
def service(client_module: ModuleType, control: ScriptedControl) -> Iterator[Any]:
    with served(control) as client:
        yield client_module.Maskstream(f"http://127.0.0.1:{client.port}", TOKEN)


def test_it_judges_pictures(service: Any, tmp_path: Path) -> None:
    path = tmp_path / "a b.jpg"
    path.write_bytes(b"picture")
    picture = service.predict(path)
    assert (picture["name"], picture["faces"][0]["verdict"]) == ("a b.jpg", "masked")


def test_the_example_runs_as_it_stands(
    service: Any, client_module: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: Any
) -> None:
    (tmp_path / "door.jpg").write_bytes(b"picture")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(client_module, "Maskstream", lambda: service)
    exec(code_of_docs()[1], {})
    assert capfd.readouterr().out == "masked 0.875 \n"


def test_it_follows_a_clip_to_its_end(service: Any, examination: ScriptedExamination, tmp_path: Path) -> None:
    path = tmp_path / "hall.mp4"
    path.write_bytes(b"clip")
    steps = service.clip(path, every_s=0)
    first = next(steps)
    examination.clips[first["id"]] = replace(examination.clip(first["id"]), state=ClipState.DONE, progress=1.0)
    (last,) = steps
    assert (first["state"], last["state"]) == ("waiting", "done")


def test_it_looks_at_streams_and_changes_them(service: Any, control: ScriptedControl) -> None:
    assert [stream["id"] for stream in service.get("streams")["streams"]] == ["door"]
    assert service.add("gate", "rtsp://10.0.7.2/live", detector="short")["id"] == "gate"
    service.remove("door")
    assert control.known.keys() == {"gate"}
    assert control.given[0].detector == "short"


def test_it_hears_of_events(service: Any, control: ScriptedControl) -> None:
    events = service.events()
    name, stream = next(events)
    control.next_subscriber()(StreamRemoved("door"))
    assert (name, stream["id"], next(events)) == ("stream", "door", ("removed", {"id": "door"}))
    events.close()


def test_a_refusal_says_why_and_when(service: Any, client_module: ModuleType) -> None:
    with pytest.raises(client_module.Refused, match="there is no stream 'nobody'") as refused:
        service.get("streams/nobody")
    assert (refused.value.status, refused.value.retry_after_s) == (404, 0)


def test_every_address_of_the_page_is_one_of_the_interface(control: ScriptedControl) -> None:
    with served(control) as client:
        paths = client.get("/openapi.json").json()["paths"]
    known = re.compile("|".join(re.sub(r"\{\w+\}", "[^/]+", path) for path in paths) + "|/docs|/openapi.json|/api/v1")
    named = re.findall(r"127\.0\.0\.1:8080([\w/.-]*)|`(/[\w/.]+)`", DOCS.read_text(encoding="utf-8"))
    addresses = {local or named for local, named in named} - {""}
    assert len(addresses) > 10
    assert not {address for address in addresses if not known.fullmatch(address)}
