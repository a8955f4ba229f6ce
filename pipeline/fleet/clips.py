"""The clips that visitors sent, until some while after they were judged."""

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import replace

from pipeline.examiner.messages import CheckClip, ClipMoved, ClipRead, PictureRead
from pipeline.fleet.examiner_desk import ExaminerDesk
from pipeline.fleet.upload_metrics import UploadMetrics
from pipeline.upload import CheckedClip, ClipState, Upload
from pipeline.upload_errors import UnknownClipError, UploadCrowdError, UploadError, UploadUnreadableError

KIND = "clip"

KEPT_S = 900.0
"""How long a result can be asked for."""

MAX_KEPT = 48
"""Beyond so many the oldest results go first."""

UNDER_WAY = frozenset({ClipState.WAITING, ClipState.RUNNING})


class ClipVisit:
    """The port `Visit`, and what is known of the clip; the desk's thread changes it, any thread may look."""

    def __init__(self, upload: Upload, metrics: UploadMetrics) -> None:
        self.job = CheckClip(upload.name)
        self.upload = upload
        self.clip = CheckedClip(secrets.token_urlsafe(16), upload.name, ClipState.WAITING)
        self.ended_s: float | None = None
        self._is_given_up = False
        self._lock = threading.Lock()
        self._metrics = metrics

    def give_up(self) -> None:
        """Take it that nobody waits any more; one that has not begun never will, and its memory is free at once."""
        with self._lock:
            self._is_given_up = True
            if self.clip.state is ClipState.WAITING:
                self.upload.close()

    def begins(self) -> bool:
        with self._lock:
            if not self._is_given_up:
                self.clip = replace(self.clip, state=ClipState.RUNNING)
            return not self._is_given_up

    def moves(self, moved: ClipMoved) -> None:
        self.clip = replace(
            self.clip,
            progress=moved.progress,
            duration_s=moved.duration_s,
            width=moved.width,
            height=moved.height,
        )

    def ends(self, read: PictureRead | ClipRead) -> None:
        if not isinstance(read, ClipRead):
            raise UploadUnreadableError(f"{self.upload.name} was taken for a picture; send it again")
        persons = tuple(sorted(read.persons, key=lambda person: (person.first_s, person.person_id)))
        self.clip = replace(
            self.clip,
            state=ClipState.DONE,
            progress=1.0,
            detail=read.detail,
            duration_s=read.duration_s,
            persons=persons,
            compliance=read.compliance,
        )
        self.ended_s = time.monotonic()
        self._metrics.judged(KIND)

    def fails(self, error: UploadError) -> None:
        self.clip = replace(self.clip, state=ClipState.FAILED, detail=str(error))
        self.ended_s = time.monotonic()
        self._metrics.refused(KIND, error)


class Clips:
    """Any thread may begin, look and remove; what has ended is forgotten after `KEPT_S`."""

    def __init__(
        self,
        desk: ExaminerDesk,
        metrics: UploadMetrics,
        max_under_way: int,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._desk = desk
        self._metrics = metrics
        self._max_under_way = max_under_way
        self._now_s = now_s
        self._lock = threading.Lock()
        self._visits: dict[str, ClipVisit] = {}

    def begin(self, upload: Upload) -> CheckedClip:
        """Queue a clip; raise UploadCrowdError where too many are under way."""
        visit = ClipVisit(upload, self._metrics)
        with self._lock:
            if sum(each.clip.state in UNDER_WAY for each in self._visits.values()) >= self._max_under_way:
                raise UploadCrowdError(f"{self._max_under_way} clips are under way already; send it again later", 30)
            self._desk.submit(visit)
            self._visits[visit.clip.id] = visit
        return visit.clip

    def look(self, clip_id: str) -> CheckedClip:
        """Return how far a clip is; raise UnknownClipError."""
        with self._lock:
            if clip_id not in self._visits:
                raise UnknownClipError
            return self._visits[clip_id].clip

    def remove(self, clip_id: str) -> None:
        """Forget a clip, and give it up where it is not done; raise UnknownClipError."""
        with self._lock:
            visit = self._visits.pop(clip_id, None)
        if visit is None:
            raise UnknownClipError
        visit.give_up()
        self._desk.give_up(visit)

    def tick(self) -> None:
        """Forget what was kept long enough."""
        oldest_s = self._now_s() - KEPT_S
        with self._lock:
            ended = {name: visit.ended_s for name, visit in self._visits.items() if visit.ended_s is not None}
            too_many = len(ended) - MAX_KEPT
            for position, (name, ended_s) in enumerate(ended.items()):
                if ended_s < oldest_s or position < too_many:
                    del self._visits[name]
