"""A page about one evaluation, with its plots: one HTML file that needs nothing beside it, and the plots as PNG."""

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from pipeline.errors import SinkError
from training.crops import serving_crops
from training.faces import LabelledFace
from training.figures import Evaluation
from training.plots import DARK, LIGHT, Theme, confusion_plot, mistakes_sheet, reliability_plot, risk_coverage_plot
from training.tables import interval, percent, share

PAGE = "report.html"
WORST_MISTAKES = 24
IGNORE_ALL = "# Pictures of the data: never to be committed.\n*\n"

Draw = Callable[[Theme], bytes]


@dataclass(frozen=True, slots=True)
class Subject:
    """What was evaluated: the model's file, the data's name, the split (None is all of it), the input's side.

    `boxes` names whose boxes the crops were made of, `labelled` or `detector`.
    """

    model: str
    data: str
    split: str | None
    input_size_px: int
    boxes: str = "labelled"


@dataclass(frozen=True, slots=True)
class Picture:
    """One plot in the page, for light and for dark surroundings, as base64."""

    light: str
    dark: str
    alt: str


def default_folder(subject: Subject) -> Path:
    """Return where a report goes unless told: a folder that git ignores."""
    return Path("reports") / f"{Path(subject.model).stem}-{subject.split or 'all'}"


def write_report(folder: Path, subject: Subject, found: Evaluation, faces: Sequence[LabelledFace]) -> Path:
    """Write the page and its plots into `folder`, and return the page; raise SinkError where that fails.

    The folder shows pictures of the data, so it tells git to ignore it unless it has a `.gitignore` of its own.
    """
    drawings = _drawings(subject, found, faces)
    light = {name: draw(LIGHT) for name, draw in drawings.items()}
    pictures = {
        name: Picture(_base64(light[name]), _base64(draw(DARK)), ALT_TEXTS[name]) for name, draw in drawings.items()
    }
    page = folder / PAGE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / ".gitignore").exists():
            (folder / ".gitignore").write_text(IGNORE_ALL, encoding="utf-8")
        for name, data in light.items():
            (folder / f"{name}.png").write_bytes(data)
        page.write_text(render(subject, found, pictures), encoding="utf-8")
    except OSError as error:
        raise SinkError(f"cannot write the report into {folder}: {error.strerror}") from error
    return page


def render(subject: Subject, found: Evaluation, pictures: dict[str, Picture]) -> str:
    """Return the page: everything in it is escaped, and nothing is fetched."""
    environment = Environment(
        loader=PackageLoader("training", ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(share=share, interval=interval, percent=percent)
    return environment.get_template(PAGE).render(
        subject=subject,
        found=found,
        pictures=pictures,
        worst=found["mistakes"][:WORST_MISTAKES],
        made=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
    )


ALT_TEXTS = {
    "confusion": "Confusion matrix: a row for each true class, a column for each predicted one",
    "reliability": "Reliability diagram: accuracy against confidence, and the gap in each bin",
    "risk-coverage": "Share of wrong answers against the share of faces that is answered",
    "mistakes": "Sheet of the wrong answers that the model was surest of",
}


def _drawings(subject: Subject, found: Evaluation, faces: Sequence[LabelledFace]) -> dict[str, Draw]:
    worst = found["mistakes"][:WORST_MISTAKES]
    by_name = {face.name: face for face in faces}
    drawings: dict[str, Draw] = {
        "confusion": partial(confusion_plot, found),
        "reliability": partial(reliability_plot, found),
        "risk-coverage": partial(risk_coverage_plot, found),
    }
    if worst:
        crops = serving_crops([by_name[mistake["name"]] for mistake in worst], subject.input_size_px)
        drawings["mistakes"] = partial(mistakes_sheet, worst, crops)
    return drawings


def _base64(png: bytes) -> str:
    return base64.b64encode(png).decode("ascii")
