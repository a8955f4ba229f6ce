"""`python -P -m pipeline.worker DESCRIPTOR`: a worker at the end of an inherited socket; `pipeline.fleet` starts it."""

import os
import socket
import sys

from pipeline.logs import configure_logs
from pipeline.process_title import show_worker
from pipeline.runtime.link import Link
from pipeline.worker.messages import Begin
from pipeline.worker.process import ParentLink, end_on_sigterm, run_worker


def main() -> None:
    """Take the first message, which says what to be, and be it."""
    link: ParentLink = Link(socket.socket(fileno=int(sys.argv[1])))
    end_on_sigterm(link)
    begin = next(link.received(), None)
    if isinstance(begin, Begin):
        show_worker(begin.index + 1, begin.count)
        configure_logs(begin.log.format, begin.log.level, f"worker-{begin.index + 1}")
        run_worker(link, begin)
        # Everything is finished by now, and the interpreter's own end takes up to 2.5 s on a busy machine.
        os._exit(0)


if __name__ == "__main__":
    main()
