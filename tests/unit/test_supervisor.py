import threading
from collections.abc import Callable

from pipeline.runtime.supervisor import Supervisor


class Job:
    def __init__(self, log: list[str]) -> None:
        self.log = log
        self.end = threading.Event()
        self.thread = threading.Thread(name="job")

    def start(self, on_end: Callable[[], None]) -> None:
        self.log.append("start")

        def body() -> None:
            assert self.end.wait(timeout=30)
            on_end()

        self.thread = threading.Thread(target=body, name="job")
        self.thread.start()

    def stop(self) -> None:
        self.log.append("stop")
        self.end.set()

    def abort(self) -> None:
        self.log.append("abort")
        self.end.set()

    def join(self) -> None:
        self.thread.join()


def test_no_more_jobs_run_at_once_than_allowed() -> None:
    log: list[str] = []
    jobs = [Job(log) for _ in range(3)]
    supervisor = Supervisor(jobs, at_once=2)
    completed = supervisor.completed(poll_s=0.001)
    assert next(completed) is None
    assert log == ["start"] * 2
    jobs[1].end.set()
    assert next(job for job in completed if job) is jobs[1]
    assert log == ["start"] * 3
    jobs[0].end.set()
    jobs[2].end.set()
    assert {job for job in completed if job} == {jobs[0], jobs[2]}


def test_stop_ends_what_runs_and_starts_nothing_more() -> None:
    log: list[str] = []
    jobs = [Job(log) for _ in range(3)]
    supervisor = Supervisor(jobs, at_once=1)
    completed = supervisor.completed(poll_s=0.001)
    assert next(completed) is None
    supervisor.stop()
    assert [job for job in completed if job] == [jobs[0]]
    assert log == ["start", "stop"]


def test_abort_ends_what_runs_and_waits_for_it() -> None:
    log: list[str] = []
    jobs = [Job(log) for _ in range(3)]
    supervisor = Supervisor(jobs, at_once=2)
    completed = supervisor.completed(poll_s=0.001)
    assert next(completed) is None
    supervisor.abort()
    assert list(completed) == []
    assert log == ["start", "start", "abort", "abort"]
    assert not any(job.thread.is_alive() for job in jobs)


def test_no_jobs_are_over_at_once() -> None:
    assert list(Supervisor([], at_once=2).completed(poll_s=0.001)) == []
