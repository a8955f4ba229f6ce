"""The recipe of a training run, read from `configs/training/*.yaml`; unknown keys are refused."""

from pathlib import Path
from typing import Annotated, Literal, Self, TypeAlias

import yaml
from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError, model_validator

from pipeline.errors import ConfigError
from pipeline.types import SCORED_STATES

Share: TypeAlias = Annotated[float, Field(ge=0, le=1)]
Scaling: TypeAlias = Literal["unit", "symmetric", "torch", "caffe"]
IMAGENET_SCALING: dict[str, Scaling] = {
    "densenet201": "torch",
    "efficientnet-lite0": "symmetric",
    "mobilenetv2": "symmetric",
    "vgg19": "caffe",
}
"""What pixels each backbone's ImageNet weights were trained on; `training/backbone.py` says what the names mean."""


class Strict(BaseModel):
    """A frozen section that refuses unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Stage(Strict):
    """A part of the run at one input size; `splits` weighs the splits that pictures are drawn from."""

    size_px: Annotated[int, Field(ge=32)]
    epochs: Annotated[int, Field(ge=1)]
    splits: dict[str, float] = {"train": 1.0}


class Augmentation(Strict):
    """Probabilities and ranges of the data generator; what each does stands in `training/augment.py`."""

    flip: Share = 0.5
    rotation_deg: Annotated[float, Field(ge=0, le=90)] = 15.0
    shear_deg: Annotated[float, Field(ge=0, le=45)] = 8.0
    zoom: tuple[float, float] = (0.85, 1.3)
    shift: Share = 0.08
    light: Share = 0.8
    grayscale: Share = 0.08
    low_resolution: Share = 0.5
    low_resolution_px: tuple[int, int] = (14, 48)
    blur: Share = 0.25
    noise: Share = 0.3
    compression: Share = 0.4
    erase_upper_half: Share = 0.15


class Pasting(Strict):
    """Which share of a class is drawn as a pasted mask instead of a stored picture; see `training/mask_paste.py`.

    `revealed` and `on_chin` are shares of the pasted `incorrect` faces; the rest wear the mask under the nose.
    """

    masked: Share = 0.0
    incorrect: Share = 0.0
    revealed: Share = 0.6
    on_chin: Share = 0.1


class Distillation(Strict):
    """A teacher's share in what is taught (Hinton et al., Distilling the Knowledge in a Neural Network, 2015).

    `teacher` is a `.keras` of `fit` with the same classes. Pictures of `unlabelled` splits are taught by it alone.
    """

    teacher: Path
    share: Share = 0.6
    temperature: Annotated[float, Field(gt=0)] = 1.0
    unlabelled: tuple[str, ...] = ()


class Optimizer(Strict):
    """AdamW with a linear warm-up and one cosine over the whole run."""

    learning_rate: Annotated[float, Field(gt=0)] = 1e-3
    weight_decay: Annotated[float, Field(ge=0)] = 0.02
    warmup_steps: Annotated[int, Field(ge=0)] = 200
    clip_norm: Annotated[float, Field(gt=0)] = 1.0
    label_smoothing: Share = 0.05


class Balance(Strict):
    """Refits of the head on embeddings: `views` augmented looks at each training face, `seeds` heads a method.

    `neighbors` is what SMOTE draws between, `l2` the penalty of every head.
    """

    enabled: bool = True
    neighbors: Annotated[int, Field(ge=1)] = 5
    views: Annotated[int, Field(ge=1)] = 2
    seeds: Annotated[int, Field(ge=1)] = 3
    l2: Annotated[float, Field(ge=0)] = 1e-3


class Recipe(Strict):
    """One whole training run."""

    name: str
    backbone: Literal["densenet201", "efficientnet-lite0", "mobilenetv2", "vgg19"] = "densenet201"
    weights: str = "imagenet"
    scaling: Scaling | None = None
    classes: tuple[str, ...] = ("masked", "incorrect", "unmasked")
    class_aliases: dict[str, str] = {}
    dropout: Share = 0.2
    freeze_backbone: bool = False
    batch_size: Annotated[int, Field(ge=1)] = 64
    images_per_epoch: Annotated[int, Field(ge=1)] = 9216
    seed: int = 1
    class_shares: dict[str, float]
    source_exponent: Share = 0.6
    stages: Annotated[tuple[Stage, ...], Field(min_length=1)]
    augmentation: Augmentation = Augmentation()
    pasting: Pasting = Pasting()
    distillation: Distillation | None = None
    optimizer: Optimizer = Optimizer()
    # Recipes were once written with `smote`.
    balance: Balance = Field(default=Balance(), validation_alias=AliasChoices("balance", "smote"))

    @model_validator(mode="after")
    def _names_its_classes(self) -> Self:
        known = {state.value for state in SCORED_STATES}
        if len(self.classes) < 2 or len(set(self.classes)) != len(self.classes) or not known.issuperset(self.classes):
            raise ValueError(f"classes are two or three of {', '.join(sorted(known))}")
        if self.class_shares.keys() != set(self.classes):
            raise ValueError(f"class_shares needs a share for each of {', '.join(self.classes)} and no other")
        return self

    @model_validator(mode="after")
    def _pastes_where_all_classes_are(self) -> Self:
        if (self.pasting.masked or self.pasting.incorrect) and self.classes != tuple(s.value for s in SCORED_STATES):
            raise ValueError(f"pasting needs the classes {', '.join(state.value for state in SCORED_STATES)}")
        return self

    @model_validator(mode="after")
    def _freezes_what_has_learnt(self) -> Self:
        if self.freeze_backbone and self.weights == "none":
            raise ValueError("freeze_backbone needs weights: a frozen network of random weights learns nothing")
        return self

    @property
    def goes_on_from_a_run(self) -> bool:
        """Whether `weights` is a model of `fit`, to be trained further with its head."""
        return self.weights.endswith(".keras")

    @property
    def input_scaling(self) -> Scaling:
        """The recipe's scaling, by default that of the backbone's weights; `symmetric` where it starts from scratch."""
        return self.scaling or ("symmetric" if self.weights == "none" else IMAGENET_SCALING[self.backbone])

    def with_weights(self, weights: str) -> Self:
        """Return this recipe with other initial weights; without any (`none`) the whole network is trained."""
        frozen = self.freeze_backbone and weights != "none"
        return self.model_copy(update={"weights": weights, "freeze_backbone": frozen})

    def with_teacher(self, teacher: Path) -> Self:
        """Return this recipe with another teacher; raise ConfigError where it has none."""
        if self.distillation is None:
            raise ConfigError(f"the recipe {self.name} has no distillation section: --teacher has no place in it")
        told = self.distillation.model_copy(update={"teacher": teacher})
        return self.model_copy(update={"distillation": told})

    @property
    def epochs(self) -> int:
        return sum(stage.epochs for stage in self.stages)

    @property
    def steps_per_epoch(self) -> int:
        return -(-self.images_per_epoch // self.batch_size)

    @property
    def final_size_px(self) -> int:
        return self.stages[-1].size_px

    def stage_of(self, epoch: int) -> Stage:
        """Return the stage that `epoch`, counted from 0, belongs to."""
        for stage in self.stages:
            if epoch < stage.epochs:
                return stage
            epoch -= stage.epochs
        raise ValueError(f"the recipe has {self.epochs} epochs, got one beyond them")


def load_recipe(path: Path) -> Recipe:
    """Read a recipe; raise ConfigError naming the file, the key, what was got and what is allowed."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        return Recipe.model_validate(content)
    except (OSError, yaml.YAMLError) as error:
        raise ConfigError(f"cannot read the recipe {path}: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"]) or "the file"
        raise ConfigError(f"{path}: {key}: {first['msg']}, got {_shortly(first['input'])}") from error


def _shortly(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."
