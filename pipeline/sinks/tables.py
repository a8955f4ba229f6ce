"""`people.csv`, a row per person, and `events.jsonl`, a line per change of verdict."""

import csv
import json
from pathlib import Path

from pipeline.sinks import cells
from pipeline.sinks.people import PeopleTally, Person
from pipeline.sinks.whole_file import WholeFile
from pipeline.types import FrameResult, MaskState, Verdict

PEOPLE_COLUMNS = (
    "person_id",
    "first_seen_s",
    "last_seen_s",
    "first_seen_utc",
    "last_seen_utc",
    "verdict",
    "confidence",
    "votes",
    "best_face_px",
)


class PeopleTable:
    """Writes `people.csv`: a row per person, by id; the UTC columns are empty where the wall clock is unknown."""

    def __init__(self, path: Path) -> None:
        self._file = WholeFile(path)
        self._tally = PeopleTally()
        self._closed = False

    @property
    def tally(self) -> PeopleTally:
        """What the table is written from, for the summary of the same run."""
        return self._tally

    def write(self, result: FrameResult) -> None:
        self._tally.write(result)

    def close(self) -> None:
        """Write the rows and give the file its name; raise SinkError where the disk refuses."""
        if self._closed:
            return
        self._closed = True
        writer = csv.writer(self._file, lineterminator="\n")
        writer.writerow(PEOPLE_COLUMNS)
        writer.writerows(_row(person) for person in self._tally.people)
        self._file.close()


def _row(person: Person) -> tuple[str, ...]:
    return (
        str(person.person_id),
        cells.seconds(person.first_seen_s),
        cells.seconds(person.last_seen_s),
        cells.utc(person.first_seen_utc) or "",
        cells.utc(person.last_seen_utc) or "",
        person.verdict.state.value,
        cells.share(person.verdict.confidence),
        str(person.verdict.votes),
        cells.pixels(person.best_face_px),
    )


class EventLog:
    """Writes `events.jsonl`: a line per change of a person's verdict; everyone begins as `unknown`."""

    def __init__(self, path: Path) -> None:
        self._file = WholeFile(path)
        self._states: dict[int, MaskState] = {}

    def write(self, result: FrameResult) -> None:
        for person_id, verdict in sorted(result.verdicts.items()):
            before = self._states.get(person_id, MaskState.UNKNOWN)
            if verdict.state is not before:
                self._states[person_id] = verdict.state
                self._file.write(_event_line(result, person_id, before, verdict))
        for person_id in result.closed_ids:
            self._states.pop(person_id, None)

    def close(self) -> None:
        """Give the file its name; raise SinkError where the disk refuses."""
        self._file.close()


def _event_line(result: FrameResult, person_id: int, before: MaskState, verdict: Verdict) -> str:
    event = {
        "media_s": round(result.frame.media_s, 3),
        "utc": cells.utc(result.frame.captured_utc),
        "frame": result.frame.index,
        "person_id": person_id,
        "from": before.value,
        "to": verdict.state.value,
        "confidence": round(verdict.confidence, 4),
    }
    return json.dumps(event) + "\n"
