"""Pictures and clips of visitors: judged in processes of their own, by the classifier of the running streams."""

from concurrent.futures import Future

from pipeline.config.log import LogConfig
from pipeline.config.uploads import UploadConfig
from pipeline.examiner.messages import Begin
from pipeline.fleet.clips import KIND as CLIP
from pipeline.fleet.clips import Clips
from pipeline.fleet.examiner_desk import DeskSettings, ExaminerDesk
from pipeline.fleet.picture_visit import KIND as PICTURE
from pipeline.fleet.picture_visit import PictureVisit
from pipeline.fleet.upload_metrics import UploadMetrics
from pipeline.fleet.workers import Workers
from pipeline.upload import CheckedClip, CheckedPicture, JudgingModel, Upload
from pipeline.upload_errors import UploadBusyError, UploadsOffError
from pipeline.worker.messages import Ready


class Uploads:
    """The port `Examination`, and what its owner does: `start`, a `tick` each second, `stop`, `join`."""

    def __init__(self, config: UploadConfig, log: LogConfig, workers: Workers, metrics: UploadMetrics) -> None:
        """Start nothing yet."""
        self._config = config
        self._log = log
        self._workers = workers
        self._metrics = metrics
        self._pictures = self._desk("examine-pictures", config.max_picture_wait_s, reads_clips=False)
        self._clips_desk = self._desk("examine-clips", config.max_clip_wait_s, reads_clips=True)
        self._clips = Clips(self._clips_desk, metrics, config.max_clips)
        self._desks = (self._pictures, self._clips_desk) if config.enabled else ()
        metrics.waiting = lambda: {PICTURE: len(self._pictures), CLIP: len(self._clips_desk)}

    def start(self) -> None:
        for desk in self._desks:
            desk.start()

    def tick(self) -> None:
        """Give up what takes too long, forget what was kept long enough."""
        for desk in self._desks:
            desk.tick()
        self._clips.tick()

    def stop(self) -> None:
        """End the processes at once."""
        for desk in self._desks:
            desk.stop()

    def join(self) -> None:
        """Wait for the end of all threads after `stop`, when the workers are asked to end too."""
        for desk in self._desks:
            desk.join()

    @property
    def model(self) -> JudgingModel:
        self._check_enabled()
        ready = self._ready()
        return JudgingModel(ready.name, ready.sha256)

    def picture(self, upload: Upload, *, preview: bool = False) -> "Future[CheckedPicture]":
        visit = PictureVisit(upload, self._metrics, preview=preview)
        try:
            self._check_enabled()
            self._ready()
            self._pictures.submit(visit)
        except (UploadsOffError, UploadBusyError) as error:
            self._send_away(upload, PICTURE, error)
            raise
        return visit.answer

    def begin_clip(self, upload: Upload) -> CheckedClip:
        try:
            self._check_enabled()
            self._ready()
            return self._clips.begin(upload)
        except (UploadsOffError, UploadBusyError) as error:
            self._send_away(upload, CLIP, error)
            raise

    def clip(self, clip_id: str) -> CheckedClip:
        self._check_enabled()
        return self._clips.look(clip_id)

    def remove_clip(self, clip_id: str) -> None:
        self._check_enabled()
        self._clips.remove(clip_id)

    def _desk(self, name: str, job_timeout_s: float, *, reads_clips: bool) -> ExaminerDesk:
        settings = DeskSettings(self._config.max_waiting, job_timeout_s, self._config.idle_s)
        return ExaminerDesk(name, settings, lambda: self._begin(reads_clips=reads_clips), self._workers.score)

    def _begin(self, *, reads_clips: bool) -> Begin:
        return Begin(self._ready().card, self._config, self._log, reads_clips)

    def _ready(self) -> Ready:
        ready = self._workers.newest_ready
        if ready is None or not self._workers.is_ready:
            raise UploadBusyError("the model is being loaded; send it again in some seconds", 2)
        return ready

    def _check_enabled(self) -> None:
        if not self._config.enabled:
            raise UploadsOffError

    def _send_away(self, upload: Upload, kind: str, error: Exception) -> None:
        upload.close()
        if isinstance(error, UploadBusyError):
            self._metrics.refused(kind, error)
