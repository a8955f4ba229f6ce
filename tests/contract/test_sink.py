"""What every sink promises, whatever it writes."""

from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.errors import ExitCode, SinkError
from pipeline.ports import Sink
from pipeline.sinks.tables import EventLog, PeopleTable
from pipeline.sinks.video import VideoSink
from tests.full_disk import files_limited_to
from tests.results import INFO, PlainRenderer, flat_frame, seen

NewSink = Callable[[Path], Sink]

SINKS: dict[str, NewSink] = {
    "annotated.mp4": lambda path: VideoSink(path, INFO, PlainRenderer()),
    "people.csv": PeopleTable,
    "events.jsonl": EventLog,
}


@pytest.fixture(params=SINKS)
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Where the sink under test writes; its folder does not exist yet."""
    return tmp_path / "out" / str(request.param)


@pytest.fixture
def new_sink(path: Path) -> NewSink:
    return SINKS[path.name]


def partial(path: Path) -> Path:
    return path.with_name(path.name + ".partial")


def write_some(sink: Sink) -> None:
    states = ("unknown", "masked", "masked", "unmasked")
    for index, state in enumerate(states):
        sink.write(seen(flat_frame(index), {1: state}))


def test_a_file_gets_its_name_when_it_is_whole(new_sink: NewSink, path: Path) -> None:
    sink = new_sink(path)
    write_some(sink)
    assert [file.name for file in path.parent.iterdir()] == [partial(path).name]
    sink.close()
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    assert path.stat().st_size > 0


def test_closing_twice_changes_nothing(new_sink: NewSink, path: Path) -> None:
    sink = new_sink(path)
    write_some(sink)
    sink.close()
    content = path.read_bytes()
    sink.close()
    assert path.read_bytes() == content


def test_an_older_file_stands_until_the_new_one_is_whole(new_sink: NewSink, path: Path) -> None:
    path.parent.mkdir()
    path.write_text("older")
    sink = new_sink(path)
    write_some(sink)
    assert path.read_text() == "older"
    sink.close()
    assert path.read_bytes() != b"older"


def test_equal_results_give_equal_bytes(new_sink: NewSink, path: Path) -> None:
    contents = []
    for _ in range(2):
        sink = new_sink(path)
        write_some(sink)
        sink.close()
        contents.append(path.read_bytes())
    assert contents[0] == contents[1]


def test_an_unwritable_folder_is_refused_before_any_work(new_sink: NewSink, path: Path) -> None:
    path.parent.write_text("a file where the folder should be")
    with pytest.raises(SinkError, match=r"out is not a folder.*--out") as caught:
        new_sink(path)
    assert str(path) in str(caught.value)
    assert caught.value.exit_code is ExitCode.OUTPUT


def test_a_full_disk_is_an_error_and_leaves_no_file_that_looks_whole(new_sink: NewSink, path: Path) -> None:
    sink = new_sink(path)
    with files_limited_to(0):
        with pytest.raises(SinkError, match=r"cannot write .*File too large.*free some space"):
            write_and_close(sink)
        sink.close()
    sink.close()
    assert not path.exists()
    assert partial(path).exists()


def write_and_close(sink: Sink) -> None:
    write_some(sink)
    sink.close()
