"""Where uploads of one kind wait for their turn with the process that reads them."""

import logging
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from pipeline.examiner.messages import Begin, ClipMoved, ClipRead, PictureRead, Refused, Score, Scored
from pipeline.fleet.examiner_process import ExaminerProcess, Job
from pipeline.fleet.relay import Rows
from pipeline.upload import Upload
from pipeline.upload_errors import UploadBusyError, UploadCrowdError, UploadError, UploadUnreadableError

logger = logging.getLogger(__name__)

START_TIMEOUT_S = 120.0
"""An examiner is at work after 3 s; on a machine that is busy with cameras, to which it gives way, it takes longer."""

STOPPING = "the service is being stopped"


class Visit(Protocol):
    """A job with those who wait for it; all of it is called by the desk's thread."""

    @property
    def job(self) -> Job: ...

    @property
    def upload(self) -> Upload: ...

    def begins(self) -> bool:
        """Return whether anybody still waits."""
        ...

    def moves(self, moved: ClipMoved) -> None: ...

    def ends(self, read: PictureRead | ClipRead) -> None: ...

    def fails(self, error: UploadError) -> None: ...


@dataclass(frozen=True, slots=True)
class DeskSettings:
    """How many jobs wait, how long one may take, and after how long without one the process ends, in seconds."""

    max_waiting: int
    job_timeout_s: float
    idle_s: float


@dataclass(slots=True)
class _Running:
    """What the process does now, and until when; `reason` is why it was killed."""

    process: ExaminerProcess
    visit: Visit | None
    deadline_s: float
    reason: str = ""


class ExaminerDesk:
    """Gives jobs to an examiner, on a thread of that name; any thread may submit, give up, tick or stop.

    The process starts with the first job, and anew after a file that it died of. `begin` says what to be; `score`
    answers what it asks of the classifier, and waits for that.
    """

    def __init__(
        self, name: str, settings: DeskSettings, begin: Callable[[], Begin], score: Callable[[bytes], Rows]
    ) -> None:
        self._settings = settings
        self._begin = begin
        self._score = score
        self._visits: queue.Queue[Visit | None] = queue.Queue()
        self._lock = threading.Lock()
        self._process: ExaminerProcess | None = None
        self._running: _Running | None = None
        self._is_stopping = False
        self._thread = threading.Thread(target=self._serve, name=name)

    def __len__(self) -> int:
        """Return how many jobs wait for their turn."""
        return self._visits.qsize()

    @property
    def pid(self) -> int | None:
        """The process that reads files now; None where there is none."""
        process = self._process
        return None if process is None else process.pid

    def start(self) -> None:
        self._thread.start()

    def submit(self, visit: Visit) -> None:
        """Queue a job; raise UploadBusyError where too many wait, or the service ends."""
        with self._lock:
            if self._is_stopping:
                raise UploadBusyError(STOPPING)
            if self._visits.qsize() >= self._settings.max_waiting:
                raise UploadCrowdError(f"{self._settings.max_waiting} uploads wait already; send it again later")
            self._visits.put(visit)

    def give_up(self, visit: Visit) -> None:
        """End the job, where it is the one that is under way: nobody waits for it any more."""
        self._kill(lambda running: running.visit is visit, "it was given up")

    def tick(self) -> None:
        """Do what is due each second: end a job that takes too long."""
        now_s = time.monotonic()
        too_long = f"reading it took more than {self._settings.job_timeout_s:g} s; send a smaller one"
        self._kill(lambda running: now_s > running.deadline_s, too_long)

    def stop(self) -> None:
        """End the process at once; all who wait are told. Stopping before the start is allowed."""
        with self._lock:
            self._is_stopping = True
            self._visits.put(None)
        self._kill(lambda _: True, STOPPING)

    def join(self) -> None:
        """Wait for the end of the thread after `stop`."""
        if self._thread.ident is not None:
            self._thread.join()

    def _kill(self, is_meant: Callable[[_Running], bool], reason: str) -> None:
        with self._lock:
            if self._running is not None and is_meant(self._running):
                self._running.reason = reason
                self._running.process.kill()

    def _serve(self) -> None:
        while (visit := self._next()) is not None:
            with visit.upload:
                if visit.begins():
                    self._attend(visit)
        self._end_process()

    def _next(self) -> Visit | None:
        """Return the next job, None at the end; without one the process ends after a while."""
        try:
            return self._visits.get(timeout=None if self._process is None else self._settings.idle_s)
        except queue.Empty:
            self._end_process()
            return self._visits.get()

    def _attend(self, visit: Visit) -> None:
        try:
            visit.ends(self._examined(visit))
        except UploadError as error:
            visit.fails(error)
        except Exception:  # the next in line must be attended to all the same
            logger.exception("an upload could not be handed on by a fault of the program")
            self._end_process()
            visit.fails(UploadBusyError("the service could not have it judged; its log says why"))

    def _examined(self, visit: Visit) -> PictureRead | ClipRead:
        if self._is_stopping:
            raise UploadBusyError(STOPPING)
        process = self._process or self._started()
        running = self._run(process, visit, self._settings.job_timeout_s)
        try:
            for finding in process.findings(visit.job, visit.upload):
                match finding:
                    case Score(crops):
                        process.tell(Scored(self._score(crops)))
                    case ClipMoved():
                        visit.moves(finding)
                    case Refused():
                        raise finding.error
                    case PictureRead() | ClipRead():
                        return finding
        finally:
            self._rest()
        self._end_process()
        raise self._lost(visit, running)

    def _started(self) -> ExaminerProcess:
        """Return a new process that can take jobs; raise UploadBusyError where it does not come up."""
        self._process = process = ExaminerProcess(self._begin())
        running = self._run(process, None, START_TIMEOUT_S)
        is_prepared = process.is_prepared()
        self._rest()
        if not is_prepared:
            self._end_process()
            logger.warning("the process that reads uploads did not start %s", running.reason)
            raise UploadBusyError("the process that reads uploads did not start; the log of the service says why")
        return process

    def _run(self, process: ExaminerProcess, visit: Visit | None, timeout_s: float) -> _Running:
        with self._lock:
            self._running = _Running(process, visit, time.monotonic() + timeout_s)
            if self._is_stopping:
                process.kill()
            return self._running

    def _rest(self) -> None:
        with self._lock:
            self._running = None

    def _lost(self, visit: Visit, running: _Running) -> UploadError:
        if self._is_stopping:
            return UploadBusyError(STOPPING)
        reason = running.reason or "the process that read it died of it; it is damaged, or takes too much memory"
        logger.info("an upload was given up: %s", reason)
        return UploadUnreadableError(f"{visit.upload.name} was given up: {reason}")

    def _end_process(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.close()
