"""`python -P -m pipeline.examiner LINE FILES`: an examiner at two inherited sockets; `pipeline.fleet` starts it."""

import os
import signal
import socket
import sys

NICENESS = 10


def main() -> None:
    """Take the first message, which says what is allowed, and begin."""
    # The libraries start threads as they are imported, which would keep the priority of before.
    os.nice(NICENESS)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt at a terminal is the parent's
    from pipeline.examiner.bounds import bound_process
    from pipeline.examiner.messages import Begin
    from pipeline.examiner.process import Examiner, ParentLink
    from pipeline.examiner.wire import finding_bytes
    from pipeline.logs import configure_logs
    from pipeline.process_title import show_examiner
    from pipeline.runtime.link import Link

    line, files = (socket.socket(fileno=int(word)) for word in sys.argv[1:])
    link: ParentLink = Link(line, encode=finding_bytes)
    begin = next(link.received(), None)
    if isinstance(begin, Begin):
        show_examiner()
        configure_logs(begin.log.format, begin.log.level, "examiner")
        bound_process(begin.limits.max_memory_bytes)
        Examiner(link, files, begin).run()


if __name__ == "__main__":
    main()
