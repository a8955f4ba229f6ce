"""A named thread that keeps its error for its owner."""

import threading
from collections.abc import Callable


class Worker:
    """Runs `body` once in a thread of that name; `on_end` is called in the thread when it is over.

    An exception does not vanish with the thread: it is kept, traceback and all, in `error`.
    """

    def __init__(self, name: str, body: Callable[[], None], on_end: Callable[[], None] | None = None) -> None:
        self._body = body
        self._on_end = on_end
        self._thread = threading.Thread(target=self._run, name=name)
        self.error: BaseException | None = None

    @property
    def name(self) -> str:
        return self._thread.name

    def start(self) -> None:
        self._thread.start()

    def join(self) -> None:
        """Wait until the thread is over; at once where it was never started."""
        if self._thread.ident is not None:
            self._thread.join()

    def _run(self) -> None:
        try:
            self._body()
        except BaseException as error:  # whatever it is, the owner decides what becomes of it
            self.error = error
        finally:
            if self._on_end:
                self._on_end()
