"""MediaPipe on a machine without sysfs: a sentence, where the library would abort the process."""

from pathlib import Path

import pytest

from pipeline.errors import ModelError
from pipeline.inference import mediapipe_detector
from pipeline.inference.mediapipe_detector import SHORT_RANGE, MediaPipeDetector


def test_an_empty_sysfs_is_refused_with_the_line_that_mends_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mediapipe_detector, "CPU_LIST", tmp_path / "possible")
    with pytest.raises(ModelError, match="mount -t sysfs"):
        MediaPipeDetector(SHORT_RANGE, min_score=0.5)
