"""What an examiner does: it takes one job after the other, and ends with its parent."""

import logging
import os
import queue
import socket
import threading
from pathlib import Path
from typing import TypeAlias

from pipeline.examiner.bounds import bound_cpu
from pipeline.examiner.clips import examine_clip
from pipeline.examiner.messages import (
    Begin,
    CheckClip,
    CheckPicture,
    ClipRead,
    Finding,
    Order,
    PictureRead,
    Prepared,
    Refused,
    Scored,
)
from pipeline.examiner.pictures import PictureExaminer
from pipeline.examiner.remote_classifier import RemoteClassifier
from pipeline.examiner.sandbox import shut_in
from pipeline.runtime.link import Link
from pipeline.upload_errors import UploadError, UploadUnreadableError

logger = logging.getLogger(__name__)

ParentLink: TypeAlias = "Link[Finding, Order]"


class Examiner:
    """Reads what strangers send. The main thread does the jobs, a thread named `parent` takes what the parent says."""

    def __init__(self, link: ParentLink, files: socket.socket, begin: Begin) -> None:
        """`files` brings the descriptor of each job's file."""
        self._link = link
        self._files = files
        self._limits = begin.limits
        self._classifier = RemoteClassifier(begin.card, link.send)
        self._pictures = None if begin.reads_clips else PictureExaminer(self._classifier, begin.limits)
        self._jobs: queue.SimpleQueue[CheckPicture | CheckClip] = queue.SimpleQueue()

    def run(self) -> None:
        """Serve until the parent hangs up or is gone, which ends the process at once, whatever it does."""
        threading.Thread(target=self._listen, name="parent", daemon=True).start()
        if not shut_in():
            logger.info(
                "what reads uploads is bounded, but not shut in: the kernel takes no filters of system calls here"
            )
        self._link.send(Prepared())
        while True:
            self._link.send(self._done(self._jobs.get()))

    def _listen(self) -> None:
        for order in self._link.received():
            match order:
                case Scored():
                    self._classifier.answer(order)
                case CheckPicture() | CheckClip():
                    self._jobs.put(order)
        os._exit(0)

    def _done(self, job: CheckPicture | CheckClip) -> Finding:
        _, (descriptor,), _, _ = socket.recv_fds(self._files, 1, 1)
        try:
            return self._examined(job, Path(f"/proc/self/fd/{descriptor}"))
        except UploadError as error:
            return Refused.of(error)
        except MemoryError:
            return Refused.of(UploadUnreadableError(f"{job.name} takes more memory than an upload may have; reduce it"))
        except Exception:  # the next file must be read all the same
            logger.exception("an upload could not be judged by a fault of the program")
            return Refused.of(UploadUnreadableError(f"{job.name} could not be judged; the log of the service says why"))
        finally:
            os.close(descriptor)

    def _examined(self, job: CheckPicture | CheckClip, path: Path) -> PictureRead | ClipRead:
        cores = os.cpu_count() or 1
        if isinstance(job, CheckClip):
            bound_cpu(cores * self._limits.max_clip_wait_s)
            return examine_clip(job, path, self._classifier, self._limits, self._link.send)
        if self._pictures is None:
            raise RuntimeError("an examiner of clips was given a picture")
        bound_cpu(cores * self._limits.max_picture_wait_s)
        return self._pictures.examine(job, path.read_bytes())
