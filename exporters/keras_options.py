"""What a user says of a Keras model of their own. Nothing here needs Keras."""

from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from pipeline.errors import ConfigError
from training.faces import CLASS_ALIASES, LABEL_INDEX

OutputKind: TypeAlias = Literal["softmax", "sigmoid", "logits"]
OUTPUT_KINDS: tuple[str, ...] = get_args(OutputKind)


@dataclass(frozen=True, slots=True)
class KerasOptions:
    """What is said of a model of the user's own; a model of `training fit` needs none of it, its recipe tells.

    `size_px` alone may be given for both.
    """

    classes: tuple[str, ...] | None = None
    scale: str | None = None
    channels: str | None = None
    output: OutputKind | None = None
    size_px: int | None = None

    @property
    def is_for_a_run(self) -> bool:
        return (self.classes, self.scale, self.channels, self.output) == (None,) * 4


def known_classes(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return our names of classes named as in `CLASS_ALIASES`; raise ConfigError for others, or one named twice."""
    spelt = [name.strip().lower().replace(" ", "_").replace("-", "_") for name in names]
    unknown = [name for name, key in zip(names, spelt, strict=True) if key not in CLASS_ALIASES]
    if unknown:
        raise ConfigError(
            f"--classes names {', '.join(unknown)}: a class is {', '.join(LABEL_INDEX)}, or one of their other names, "
            f"{', '.join(name for name in CLASS_ALIASES if name not in LABEL_INDEX)}"
        )
    classes = tuple(CLASS_ALIASES[key] for key in spelt)
    if not len(set(classes)) == len(classes) >= 2:
        raise ConfigError(f"--classes names two or three classes, each once; got {', '.join(names)}")
    return classes
