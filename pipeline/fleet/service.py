"""The life of `maskstream run`: from a configuration to the last recording, by way of its signals."""

import logging
import queue
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from types import FrameType

from pipeline.config.advice import advice
from pipeline.config.loading import load_config
from pipeline.config.rest_stream import rest_stream
from pipeline.config.schema import Config
from pipeline.errors import ConfigError, ExitCode, MaskstreamError
from pipeline.fleet.fleet import Fleet
from pipeline.fleet.reconcile import restart_needed
from pipeline.runtime.service_manager import ServiceManager
from pipeline.service.http import create_app
from pipeline.service.server import HttpServer
from pipeline.sources.stream_state import StreamState

logger = logging.getLogger(__name__)

TICK_S = 1.0
HTTP_GRACE_S = 1
WORKERS_GRACE_S = 3.5
"""Together under 5 s: what stops a service kills it soon after."""


class Wish(Enum):
    """What a signal asks for."""

    STOP = "stop"
    RELOAD = "reload"


WISHES = {signal.SIGTERM: Wish.STOP, signal.SIGINT: Wish.STOP, signal.SIGHUP: Wish.RELOAD}


class UnfitError(MaskstreamError):
    """No worker can begin, for the reason that the first of them gave."""

    def __init__(self, message: str, exit_code: ExitCode) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class Service:
    """Runs a configuration until a signal ends it; used by the main thread."""

    def __init__(self, config: Config, path: Path | None, manager: ServiceManager) -> None:
        """`path` is the file of the configuration, None where there is none to read again."""
        self._config = config
        self._path = path
        self._manager = manager
        self._fleet = Fleet(config)
        self._app = create_app(self._fleet, config)
        self._http = self._listening()
        self._was_ready = False
        self._status = ""

    def run(self, on_listening: Callable[[str], None]) -> None:
        """Serve until SIGTERM or SIGINT; `on_listening` takes the address once it answers.

        Raises ConfigError where the port is taken, UnfitError where no worker can begin.
        """
        with _wishes() as wishes:
            self._http.start()
            try:
                on_listening(self._http.url)
                for sentence in advice(self._config):
                    logger.warning("%s", sentence)
                self._fleet.start(self._config.streams, lambda body: rest_stream(body, self._config))
                self._serve(wishes)
            finally:
                self._stop()

    def _listening(self) -> HttpServer:
        """Take the configured port, or any free one where nobody configured one."""
        try:
            return HttpServer(self._app, self._config.http)
        except ConfigError:
            if self._path is not None or "port" in self._config.http.model_fields_set:
                raise
            return HttpServer(self._app, self._config.http.model_copy(update={"port": 0}))

    def _serve(self, wishes: "queue.SimpleQueue[Wish]") -> None:
        alive_s = self._manager.watchdog_interval_s or TICK_S
        while True:
            match _next(wishes, min(TICK_S, alive_s)):
                case Wish.STOP:
                    return
                case Wish.RELOAD:
                    self._reload()
            self._fleet.tick()
            self._manager.keep_alive()
            self._tell_readiness()
            self._tell_status()

    def _tell_status(self) -> None:
        """Let `systemctl status` say how many streams are live, where that has changed."""
        states = [stream.state for stream in self._fleet.streams()]
        status = f"{states.count(StreamState.LIVE)} of {len(states)} streams are live"
        if status != self._status:
            self._manager.status(status)
            self._status = status

    def _tell_readiness(self) -> None:
        unfit = self._fleet.workers.unfit
        if self._was_ready or not self._fleet.workers.is_ready:
            if unfit is not None and not self._was_ready:
                raise UnfitError(unfit.message, ExitCode(unfit.exit_code))
            return
        self._was_ready = True
        self._manager.ready()
        logger.info("ready: %d streams over %d processes", len(self._fleet.streams()), self._fleet.workers.count)

    def _reload(self) -> None:
        """Read the file again; one with mistakes changes nothing."""
        if self._path is None:
            logger.warning("there is no configuration file to read again: the streams were named on the command line")
            return
        self._manager.reloading()
        try:
            config = load_config(self._path)
        except ConfigError as error:
            self._fleet.metrics.config_loaded(successful=False)
            logger.warning("the configuration can't be used, and nothing was changed: %s", error)
        else:
            self._apply(config)
        self._manager.ready()

    def _apply(self, config: Config) -> None:
        late = restart_needed(self._config, config)
        if late:
            logger.warning("only a restart applies what has changed in %s", ", ".join(late))
        self._fleet.reload(config.streams)
        self._config = self._config.model_copy(update={"streams": config.streams, "defaults": config.defaults})
        self._app.state.config = self._config  # whose defaults are those of streams that REST makes from now on
        self._fleet.metrics.config_loaded(successful=True)
        logger.info("the configuration was read again: it names %d streams", len(config.streams))

    def _stop(self) -> None:
        self._manager.stopping()
        logger.info("stopping: recordings are being finished")
        self._fleet.stop()
        self._http.stop(HTTP_GRACE_S)
        self._fleet.join(WORKERS_GRACE_S)
        logger.info("stopped")


@contextmanager
def _wishes() -> Iterator["queue.SimpleQueue[Wish]"]:
    """Give the wishes of signals, in order; the handlers of before come back at the end."""
    wishes: queue.SimpleQueue[Wish] = queue.SimpleQueue()

    def take(number: int, _frame: FrameType | None) -> None:
        wishes.put(WISHES[signal.Signals(number)])

    before = {number: signal.signal(number, take) for number in WISHES}
    try:
        yield wishes
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _next(wishes: "queue.SimpleQueue[Wish]", timeout_s: float) -> Wish | None:
    try:
        return wishes.get(timeout=timeout_s)
    except queue.Empty:
        return None
