"""Runs the inputs of one call side by side over one engine."""

from collections.abc import Generator, Sequence

from pipeline.app import Engine
from pipeline.errors import ExitCode, MaskstreamError
from pipeline.input_job import InputJob, Order, ProcessOptions
from pipeline.runtime.supervisor import Supervisor

POLL_S = 0.2
"""Between two looks at how far the inputs are."""


class ProcessRun:
    """All inputs of one call; used by one thread, but `stop` by any."""

    def __init__(self, engine: Engine, options: ProcessOptions) -> None:
        self.engine = engine
        self.options = options
        self.was_stopped = False
        self.jobs: list[InputJob] = []
        self._supervisor: Supervisor[InputJob] | None = None

    def add(self, order: Order) -> None:
        """Queue an input."""
        self.jobs.append(InputJob(order, self.engine, self.options))

    def completed(self) -> Generator[InputJob | None, None, None]:
        """Run all, yielding each job as it ends and None in between, for a display to move on.

        Where the caller fails meanwhile, what runs is discarded and its threads are waited for.
        """
        self._supervisor = Supervisor(self.jobs, self.options.jobs)
        if self.was_stopped:
            self._supervisor.stop()
        try:
            yield from self._supervisor.completed(POLL_S)
        finally:
            self._supervisor.abort()

    def stop(self) -> None:
        """Read nothing more; what was read is finished and kept."""
        self.was_stopped = True
        if self._supervisor is not None:
            self._supervisor.stop()


def exit_code(errors: Sequence[BaseException], input_count: int) -> ExitCode:
    """Return the code of a call of which `errors` failed: their own where all did, else `SOME_INPUTS_FAILED`."""
    if not errors:
        return ExitCode.OK
    if len(errors) < input_count:
        return ExitCode.SOME_INPUTS_FAILED
    first = errors[0]
    return ExitCode(first.exit_code) if isinstance(first, MaskstreamError) else ExitCode.INTERNAL
