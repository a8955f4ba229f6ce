"""The training run: progressive input sizes, a checkpoint after each epoch, and resuming from it."""

import csv
import json
import math
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras  # type: ignore[import-untyped]  # ships no types
import numpy as np

from pipeline.errors import ConfigError
from training.batches import AugmentedBatches, Pool, drawing_weights
from training.config import Recipe, Stage
from training.crops import serving_crops
from training.detections import with_detections
from training.faces import LabelledFace, load_faces
from training.mask_paste import MaskPaster
from training.metrics import macro_f1
from training.model import build_model, predict, seed_dropout
from training.run_folder import BEST, CHECKPOINT, HISTORY, RECIPE, read_recipe, write_record
from training.targets import Answer, Teacher


@dataclass(frozen=True, slots=True)
class EpochRecord:
    """One row of `history.csv`."""

    epoch: int
    size_px: int
    train_loss: float
    val_macro_f1: float
    val_accuracy: float
    wall_s: float
    cpu_s: float


class WarmupCosine(keras.optimizers.schedules.LearningRateSchedule):  # type: ignore[misc]  # keras ships no types
    """A linear warm-up, then one half cosine down to a hundredth (Loshchilov and Hutter, SGDR, 2017)."""

    def __init__(self, peak: float, warmup_steps: int, total_steps: int) -> None:
        self.peak, self.warmup_steps, self.total_steps = peak, warmup_steps, total_steps

    def __call__(self, step: Any) -> Any:
        now = keras.ops.cast(step, "float32")
        warm = now / max(1, self.warmup_steps)
        share = (now - self.warmup_steps) / max(1, self.total_steps - self.warmup_steps)
        cosine = 0.505 + 0.495 * keras.ops.cos(math.pi * keras.ops.clip(share, 0.0, 1.0))
        return self.peak * keras.ops.minimum(warm, cosine)

    def get_config(self) -> dict[str, Any]:
        return {"peak": self.peak, "warmup_steps": self.warmup_steps, "total_steps": self.total_steps}


def fit(recipe: Recipe, data: Path, out: Path, resume: bool = False) -> Path:
    """Train `recipe` on `data`, writing checkpoints and history to `out`; return the best model's path.

    `out` keeps the last epoch's model and the best one of the latest input size. A run that was killed goes on with
    `resume` as if it had not been. Raises ConfigError where `out` holds another run.
    """
    model, history = _start(recipe, out, resume)
    teacher = Teacher(recipe.distillation, recipe.classes) if recipe.distillation else None
    lessons = Lessons(recipe, data, out, teacher, {})
    for epoch in range(len(history), recipe.epochs):
        history.append(_run_epoch(model, lessons, epoch))
        _keep(model, out, history)
    return out / BEST


def _start(recipe: Recipe, out: Path, resume: bool) -> tuple[Any, list[EpochRecord]]:
    """Return the model to go on with and the epochs that it has seen."""
    out.mkdir(parents=True, exist_ok=True)
    if (out / CHECKPOINT).exists():
        if not resume:
            raise ConfigError(f"{out} holds a run already: --resume goes on with it, or give another --out")
        _check_same(read_recipe(out), recipe, out)
        return _resume(recipe, out)
    write_record(recipe, out / RECIPE)
    keras.utils.set_random_seed(recipe.seed)
    return compile_model(build_model(recipe), recipe), []


def _check_same(ran: Recipe, recipe: Recipe, out: Path) -> None:
    """Raise ConfigError where the run in `out` was started with another recipe."""
    if ran == recipe:
        return
    only_weights_differ = recipe.with_weights(ran.weights) == ran
    mend = f"--weights {ran.weights}, which it started with" if only_weights_differ else "another --out"
    raise ConfigError(f"{out} holds a run of another recipe than {recipe.name} as it is now: give {mend}")


def _resume(recipe: Recipe, out: Path) -> tuple[Any, list[EpochRecord]]:
    # A loaded optimizer would decay every weight: Keras does not save which ones are left out.
    unloaded = recipe.model_copy(update={"weights": "none", "scaling": recipe.input_scaling})
    model = compile_model(build_model(unloaded), recipe)
    model.optimizer.build(model.trainable_variables)
    model.load_weights(out / CHECKPOINT)
    # An epoch's row is written before its checkpoint: one that was killed in between is run again.
    epochs_done = int(keras.ops.convert_to_numpy(model.optimizer.iterations)) // recipe.steps_per_epoch
    history = _read_history(out)[:epochs_done]
    _keep_best(out, history)
    return model, history


def compile_model(model: Any, recipe: Recipe) -> Any:
    """Return `model`, compiled with the recipe's optimizer and the cross-entropy of probabilities to its logits."""
    settings = recipe.optimizer
    schedule = WarmupCosine(settings.learning_rate, settings.warmup_steps, recipe.epochs * recipe.steps_per_epoch)
    optimizer = keras.optimizers.AdamW(schedule, weight_decay=settings.weight_decay, clipnorm=settings.clip_norm)
    optimizer.exclude_from_weight_decay(var_names=["gamma", "beta", "bias"])
    # XLA on the CPU was slower here: 17.9 against 12.8 ms an image at 64 px.
    model.compile(optimizer, keras.losses.CategoricalCrossentropy(from_logits=True), jit_compile=False)
    return model


@dataclass(frozen=True, slots=True)
class Lessons:
    """What a run learns from and is judged by; `splits` fills as stages need them."""

    recipe: Recipe
    data: Path
    out: Path
    teacher: Teacher | None
    splits: dict[str, list[LabelledFace]]

    @property
    def answer(self) -> Answer | None:
        """The teacher's answer to a batch of crops, where there is a teacher."""
        return self.teacher.probabilities if self.teacher else None

    def split(self, name: str) -> list[LabelledFace]:
        """Return the faces of a split as the detector sees them; what it saw is kept in the run's folder."""
        if name not in self.splits:
            faces = load_faces(self.data, [name], self.recipe.class_aliases, self.recipe.classes)
            self.splits[name] = with_detections(faces, self.out / f"detections-{name}.npz")
        return self.splits[name]

    def pool(self, stage: Stage) -> Pool:
        """Return what `stage` draws from."""
        faces = [face for split in stage.splits for face in self.split(split)]
        split_weights = [weight for split, weight in stage.splits.items() for _ in self.split(split)]
        shares = [self.recipe.class_shares[name] for name in self.recipe.classes]
        weights = drawing_weights(faces, split_weights, shares, self.recipe.source_exponent)
        told = [self._teacher_share(split) for split in stage.splits for _ in self.split(split)]
        return Pool(faces, weights, np.array(told, np.float32), MaskPaster(faces, weights, self.recipe.pasting))

    def _teacher_share(self, split: str) -> float:
        settings = self.recipe.distillation
        if settings is None:
            return 0.0
        return 1.0 if split in settings.unlabelled else settings.share


def _run_epoch(model: Any, lessons: Lessons, epoch: int) -> EpochRecord:
    started, started_cpu = time.monotonic(), time.process_time()
    recipe, validation = lessons.recipe, lessons.split("val")
    stage = recipe.stage_of(epoch)
    batches = AugmentedBatches(lessons.pool(stage), recipe, epoch, lessons.answer)
    seed_dropout(model, (recipe.seed, epoch))
    # Keras would shuffle the batches once more, in an order that a resumed run does not repeat.
    losses = model.fit(batches, epochs=1, verbose=0, shuffle=False).history["loss"]
    labels = np.array([face.label for face in validation])
    predicted = predict(model, serving_crops(validation, stage.size_px)).argmax(axis=1)
    record = EpochRecord(
        epoch=epoch,
        size_px=stage.size_px,
        train_loss=round(float(losses[-1]), 5),
        val_macro_f1=round(macro_f1(labels, predicted, len(recipe.classes)), 5),
        val_accuracy=round(float((labels == predicted).mean()), 5),
        wall_s=round(time.monotonic() - started, 1),
        cpu_s=round(time.process_time() - started_cpu, 1),
    )
    print(json.dumps({field: getattr(record, field) for field in EpochRecord.__slots__}), flush=True)
    return record


def _keep(model: Any, out: Path, history: Sequence[EpochRecord]) -> None:
    """Write the history, then the checkpoint that makes its last row count; each file whole."""
    scratch = out / ("writing." + HISTORY)
    with scratch.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(EpochRecord.__slots__)
        writer.writerows([getattr(record, name) for name in EpochRecord.__slots__] for record in history)
    scratch.replace(out / HISTORY)
    scratch = out / ("writing." + CHECKPOINT)
    model.save(scratch)
    scratch.replace(out / CHECKPOINT)
    _keep_best(out, history)


def _keep_best(out: Path, history: Sequence[EpochRecord]) -> None:
    """Copy the checkpoint where its epoch is the best of its input size."""
    latest = history[-1]
    if latest.val_macro_f1 >= max(row.val_macro_f1 for row in history if row.size_px == latest.size_px):
        shutil.copyfile(out / CHECKPOINT, out / BEST)


def _read_history(out: Path) -> list[EpochRecord]:
    columns = EpochRecord.__slots__[2:]
    with (out / HISTORY).open(newline="", encoding="utf-8") as file:
        return [
            EpochRecord(int(row["epoch"]), int(row["size_px"]), *(float(row[name]) for name in columns))
            for row in csv.DictReader(file)
        ]
