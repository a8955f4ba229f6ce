"""A visitor's picture on its way through the desk."""

from concurrent.futures import Future

from pipeline.examiner.messages import CheckPicture, ClipMoved, ClipRead, PictureRead
from pipeline.fleet.upload_metrics import UploadMetrics
from pipeline.upload import CheckedPicture, Upload
from pipeline.upload_errors import UploadError, UploadUnreadableError

KIND = "picture"


class PictureVisit:
    """The port `Visit`; `answer` is what the visitor waits for."""

    def __init__(self, upload: Upload, metrics: UploadMetrics, *, preview: bool) -> None:
        self.job = CheckPicture(upload.name, preview)
        self.upload = upload
        self.answer: Future[CheckedPicture] = Future()
        self._metrics = metrics

    def begins(self) -> bool:
        return self.answer.set_running_or_notify_cancel()

    def moves(self, moved: ClipMoved) -> None:
        """Pictures take no steps."""

    def ends(self, read: PictureRead | ClipRead) -> None:
        if not isinstance(read, PictureRead):
            raise UploadUnreadableError(f"{self.upload.name} was taken for a clip; send it again")
        self._metrics.judged(KIND)
        preview = read.preview or None
        self.answer.set_result(CheckedPicture(self.upload.name, read.width, read.height, read.faces, preview))

    def fails(self, error: UploadError) -> None:
        self._metrics.refused(KIND, error)
        self.answer.set_exception(error)
