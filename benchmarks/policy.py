"""What asking seldom saves and costs: the policy that spends the classifier, beside every face of every frame."""

import csv
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.loop_models import open_model
from benchmarks.moving_scenes import Effort, moving_scenes
from benchmarks.policy_report import ClipRow, Measured, part
from benchmarks.policy_run import ASKING, EVERY_FACE, SAMPLES, USUAL, CropCount, Judge, Judged, Way
from benchmarks.policy_scenes import LABELLED, Scene, Shown
from benchmarks.report_part import Part
from benchmarks.users_verdicts import majorities
from pipeline.app import Engine
from pipeline.inference.model_files import CPU_PREFERENCE, default_model
from pipeline.types import MaskState


def run(data: Path, effort: Effort) -> Part:
    """Measure with the shared data in `data`; raises SourceError or ConfigError where something is missing."""
    count = CropCount()
    with TemporaryDirectory(prefix="maskstream-policy-") as name, Engine.open(count, device="cpu") as engine:
        folder = Path(name)
        judge = Judge(engine, count, folder / "judged")
        known = list(moving_scenes(data, folder, effort))
        every_face = [judge.judge(scene.path, EVERY_FACE) for scene in known]
        labelled = [_labelled(judge, data / "clips", row) for row in _clip_rows(data / "clips")]
        scenes = (*known, *(scene for scene, _ in labelled))
        every_face += [judged for _, judged in labelled]
        policy, asking = _judged(judge, scenes, USUAL), _judged(judge, scenes, ASKING)
        samples = {way.name: _judged(judge, scenes, way) for way in SAMPLES}
    clips = [
        _clip_row(scene, slow, quick)
        for scene, slow, quick in zip(scenes, every_face, policy, strict=True)
        if scene.kind == LABELLED
    ]
    return part(Measured(scenes, tuple(every_face), policy, asking, samples, tuple(clips)))


def _judged(judge: Judge, scenes: Sequence[Scene], way: Way) -> tuple[Judged, ...]:
    return tuple(judge.judge(scene.path, way) for scene in scenes)


def _clip_rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "clips.csv").open(newline="", encoding="utf-8") as table:
        return list(csv.DictReader(table))


def _labelled(judge: Judge, folder: Path, row: dict[str, str]) -> tuple[Scene, Judged]:
    """Return a labelled clip with the persons that `--every-face` follows: all wear what the table says."""
    judged = judge.judge(folder / row["file"], EVERY_FACE)
    state = next((state for state in MaskState if int(row.get(state.value, 0))), MaskState.UNKNOWN)
    frames = judged.sights.frames
    truth = tuple(tuple(Shown(str(one.track_id), state, one.box) for one in seen) for _, seen in frames)
    return Scene(LABELLED, folder / row["file"], (len(frames) - 1) / (frames[-1][0] - frames[0][0]), truth), judged


def _clip_row(scene: Scene, slow: Judged, quick: Judged) -> ClipRow:
    labels = next(row for row in _clip_rows(scene.path.parent) if row["file"] == scene.path.name)
    labelled = Counter({state: int(labels.get(state.value, 0)) for state in MaskState})
    classify, size_px = open_model(default_model(CPU_PREFERENCE))
    loop = majorities(scene.path, classify, size_px, quick.sights)
    verdicts = quick.sights.verdicts
    same = tuple(majority.state is verdicts[track_id] for track_id, majority in sorted(loop.items()))
    return ClipRow(scene.path.name, +labelled, Counter(slow.sights.verdicts.values()), Counter(verdicts.values()), same)
