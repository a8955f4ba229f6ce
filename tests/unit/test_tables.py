import csv
import json
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from pipeline.sinks import cells
from pipeline.sinks.people import PeopleTally
from pipeline.sinks.pictures_table import PICTURE_COLUMNS, JudgedFace, PicturesTable
from pipeline.sinks.summary import ModelFacts, RunFacts, write_summary
from pipeline.sinks.tables import EventLog, PeopleTable
from pipeline.types import Box, FrameResult, MaskState, Scores, Verdict
from tests.results import flat_frame, seen, track, with_utc

MODEL = ModelFacts("densenet201", "ab" * 32, "int8", "CPUExecutionProvider")


def people_rows(path: Path, results: list[FrameResult]) -> list[dict[str, str]]:
    table = PeopleTable(path)
    for result in results:
        table.write(result)
    table.close()
    return list(csv.DictReader(path.read_text().splitlines()))


def events(path: Path, results: list[FrameResult]) -> list[dict[str, object]]:
    log = EventLog(path)
    for result in results:
        log.write(result)
    log.close()
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_person_has_a_row_from_first_to_last_sight(tmp_path: Path) -> None:
    results = [
        seen(with_utc(flat_frame(0)), {2: "unknown"}),
        seen(with_utc(flat_frame(1)), {2: "masked", 1: "incorrect"}),
        seen(with_utc(flat_frame(5)), {1: "unmasked"}, closed_ids=(2,)),
    ]
    first, second = people_rows(tmp_path / "people.csv", results)
    assert first["person_id"] == "1"
    assert first["verdict"] == "unmasked"
    assert (first["first_seen_s"], first["last_seen_s"]) == ("0.040", "0.200")
    assert second == {
        "person_id": "2",
        "first_seen_s": "0.000",
        "last_seen_s": "0.040",
        "first_seen_utc": "2026-03-01T08:30:00.000Z",
        "last_seen_utc": "2026-03-01T08:30:00.040Z",
        "verdict": "masked",
        "confidence": "0.9000",
        "votes": "3",
        "best_face_px": "20.0",
    }


def test_without_a_wall_clock_the_utc_columns_are_empty(tmp_path: Path) -> None:
    (row,) = people_rows(tmp_path / "people.csv", [seen(flat_frame(0), {1: "masked"})])
    assert row["first_seen_utc"] == row["last_seen_utc"] == ""


def test_a_predicted_face_is_no_sight(tmp_path: Path) -> None:
    results = [
        FrameResult(flat_frame(0), (track(1, size_px=20),), {}),
        FrameResult(flat_frame(1), (track(1, size_px=60, missed_frames=1),), {}),
    ]
    (row,) = people_rows(tmp_path / "people.csv", results)
    assert (row["last_seen_s"], row["best_face_px"], row["verdict"]) == ("0.000", "20.0", "unknown")


def test_a_verdict_given_on_the_frame_after_the_last_sight_counts(tmp_path: Path) -> None:
    late = FrameResult(flat_frame(1), (), {1: Verdict(MaskState.MASKED, 0.8, 4)}, closed_ids=(1,))
    (row,) = people_rows(tmp_path / "people.csv", [seen(flat_frame(0), {1: "unknown"}), late])
    assert (row["verdict"], row["votes"], row["last_seen_s"]) == ("masked", "4", "0.000")


def test_an_event_is_a_change_of_verdict(tmp_path: Path) -> None:
    states = ["unknown", "masked", "masked", "unmasked", "unknown"]
    results = [seen(flat_frame(index), {7: state}) for index, state in enumerate(states)]
    lines = events(tmp_path / "events.jsonl", results)
    assert [(line["frame"], line["from"], line["to"]) for line in lines] == [
        (1, "unknown", "masked"),
        (3, "masked", "unmasked"),
        (4, "unmasked", "unknown"),
    ]
    assert lines[0] == {
        "media_s": 0.04,
        "utc": None,
        "frame": 1,
        "person_id": 7,
        "from": "unknown",
        "to": "masked",
        "confidence": 0.9,
    }


def test_events_of_one_frame_come_by_person(tmp_path: Path) -> None:
    lines = events(tmp_path / "events.jsonl", [seen(with_utc(flat_frame(0)), {3: "masked", 1: "unmasked"})])
    assert [line["person_id"] for line in lines] == [1, 3]
    assert lines[0]["utc"] == "2026-03-01T08:30:00.000Z"


def test_the_summary_counts_frames_faces_and_persons(tmp_path: Path) -> None:
    people = PeopleTally()
    people.write(seen(flat_frame(0), {1: "masked", 2: "unmasked"}))
    people.write(seen(flat_frame(1), {1: "masked", 3: "unknown", 4: "masked"}, closed_ids=(2,)))
    path = tmp_path / "summary.json"
    returned = write_summary(path, people, RunFacts("hall.mp4", 0.5, MODEL, "0.1.0"))
    content = json.loads(path.read_text())
    assert content == returned
    assert (content["input"], content["frames"], content["faces"], content["duration_s"]) == ("hall.mp4", 2, 5, 0.08)
    assert content["persons"] == {"masked": 2, "incorrect": 0, "unmasked": 1, "unknown": 1}
    assert content["compliance"] == {"rate": 0.6667, "interval_95": [0.2077, 0.9385]}
    assert (content["wall_s"], content["frames_per_s"]) == (0.5, 4.0)
    assert content["model"]["provider"] == "CPUExecutionProvider"


def test_without_anyone_judged_the_rate_is_null(tmp_path: Path) -> None:
    people = PeopleTally()
    people.write(seen(flat_frame(0), {1: "unknown"}))
    content = write_summary(tmp_path / "summary.json", people, RunFacts("hall.mp4", 0.0, MODEL, "0.1.0"))
    assert content["compliance"] == {"rate": None, "interval_95": None}
    assert content["frames_per_s"] == 0.0


def test_pictures_have_a_row_per_face_and_one_for_none(tmp_path: Path) -> None:
    path = tmp_path / "pictures.csv"
    table = PicturesTable(path)
    face = JudgedFace(Box(-2.04, 3, 40, 41.26), Verdict(MaskState.MASKED, 0.98, 1), Scores(0.98, 0.015, 0.005))
    small = JudgedFace(Box(1, 1, 9, 9), Verdict(MaskState.UNKNOWN, 0, 0))
    table.write("a, b.jpg", [face, small])
    table.write("empty.jpg", [])
    assert not path.exists()
    table.close()
    table.close()
    rows = list(csv.reader(path.read_text().splitlines()))
    assert rows[0] == list(PICTURE_COLUMNS)
    assert rows[1] == [
        "a, b.jpg",
        "-2.0",
        "3.0",
        "40.0",
        "41.3",
        "masked",
        "0.9800",
        "0.9800",
        "0.0150",
        "0.0050",
        "42.0",
    ]
    assert rows[2] == ["a, b.jpg", "1.0", "1.0", "9.0", "9.0", "unknown", "0.0000", "", "", "", "8.0"]
    assert rows[3] == ["empty.jpg", *[""] * 10]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_file_name_is_never_a_formula_and_still_names_the_file(start: str) -> None:
    name = f"{start}cmd.jpg"
    assert cells.file_name(name)[0] == "."
    assert Path(cells.file_name(name)) == Path(name)
    assert cells.file_name("plain.jpg") == "plain.jpg"


def test_a_file_name_that_is_no_utf8_is_escaped(tmp_path: Path) -> None:
    table = PicturesTable(tmp_path / "pictures.csv")
    table.write("caf\udce9.jpg", [])
    table.close()
    assert "caf\\udce9.jpg" in (tmp_path / "pictures.csv").read_text(encoding="utf-8")


def test_times_are_written_in_utc() -> None:
    summer = timezone(timedelta(hours=2))
    assert cells.utc(datetime(2026, 7, 1, 1, 30, 0, 1500, tzinfo=summer)) == "2026-06-30T23:30:00.001Z"
    assert cells.utc(None) is None
    assert cells.pixels(-0.01) == "0.0"
