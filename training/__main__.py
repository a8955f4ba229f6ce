"""`python -m training`: fit a recipe, balance and calibrate its model, evaluate any model."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.console import exit_code_of
from pipeline.errors import ConfigError
from training.backend import start_keras
from training.data_folder import faces_zip

if TYPE_CHECKING:
    from training.faces import LabelledFace
    from training.figures import Evaluation

# The subcommands import their module when they run: `--help` need not wait for TensorFlow.


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one subcommand and return its exit code; an error is one sentence on stderr."""
    options = _parser().parse_args(arguments)
    return exit_code_of(lambda: options.run(options))


def _fit(options: argparse.Namespace) -> None:
    from training.config import load_recipe

    recipe = load_recipe(options.recipe)
    if options.weights is not None:
        if recipe.freeze_backbone and options.weights == "none":
            print(f"without weights to keep, the whole of {recipe.backbone} is trained")
        recipe = recipe.with_weights(options.weights)
    if options.teacher is not None:
        recipe = recipe.with_teacher(options.teacher)
    start_keras()
    from training.fit import fit

    best = fit(recipe, options.data, options.out or Path("runs") / recipe.name, options.resume)
    print(f"the best model is {best}")


def _balance(options: argparse.Namespace) -> None:
    start_keras()
    from training.balance import balance
    from training.balance_figures import table

    print(table(balance(options.run_folder, options.data)))


def _calibrate(options: argparse.Namespace) -> None:
    start_keras()
    from training.calibrate import calibrate

    print(calibrate(options.run_folder, options.data, options.split).model_dump_json(indent=2))


def _evaluate(options: argparse.Namespace) -> None:
    from training.answers import answer
    from training.evaluate import evaluation
    from training.faces import load_faces
    from training.notes import noted, read_notes
    from training.tables import left_out_text, table
    from training.test_runs import TEST_SPLIT, record_test_run

    splits = None if options.split is None else [options.split]
    faces = load_faces(options.data, splits, dict(options.class_alias))
    if options.notes is not None:
        faces = noted(faces, read_notes(options.notes))
    if options.boxes == "detector":
        from training.detections import with_detections

        faces = with_detections(faces)
    answers = answer(options.model, faces, options.size)
    found = evaluation(faces, answers)
    if options.json and found["left_out"]:
        print(left_out_text(found["left_out"]), file=sys.stderr)
    print(json.dumps(found) if options.json else table(found))
    if options.split == TEST_SPLIT:
        record_test_run(found, options.boxes)
    if options.report is not None:
        _report(options, found, faces, answers.input_size_px)


def _report(
    options: argparse.Namespace, found: "Evaluation", faces: "Sequence[LabelledFace]", input_size_px: int
) -> None:
    try:
        from training.report import Subject, default_folder, write_report
    except ImportError as error:
        raise ConfigError(f"--report needs {error.name}: install maskstream with its extra `train`") from error

    subject = Subject(options.model.name, options.data.name, options.split, input_size_px, options.boxes)
    page = write_report(Path(options.report or default_folder(subject)), subject, found, faces)
    print(f"the report is {page}", file=sys.stderr)


def _smallest_face(options: argparse.Namespace) -> None:
    from training.answers import answer
    from training.faces import load_faces
    from training.smallest_face import ALLOWED_LOSS, HEAD, note_smallest_face, row_text, size_figures, smallest_face_px

    faces = load_faces(options.data, [options.split])
    print(HEAD)
    rows = []
    for row in size_figures(faces, lambda reduced: answer(options.model, reduced)):
        print(row_text(row), flush=True)
        rows.append(row)
    smallest = smallest_face_px(rows)
    print(f"smallest face: {smallest} px, less than {ALLOWED_LOSS} of macro-F1 lost down to there")
    calibration = note_smallest_face(options.model, smallest)
    if calibration is not None:
        print(f"noted in {calibration}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    data = argparse.ArgumentParser(add_help=False)
    data.add_argument("--data", type=Path, default=faces_zip(), help="zip or folder of faces [%(default)s]")
    run = argparse.ArgumentParser(add_help=False)
    run.add_argument("run_folder", type=Path, metavar="RUN", help="the folder that `fit` wrote")

    fit = commands.add_parser("fit", parents=[data], help="train a recipe")
    fit.add_argument("recipe", type=Path, metavar="CONFIG", help="one of configs/training")
    fit.add_argument("--out", type=Path, help="folder of the run [runs/<name of the recipe>]")
    fit.add_argument("--weights", metavar="imagenet|none|FILE", help="initial weights, instead of the recipe's")
    fit.add_argument("--teacher", type=Path, metavar="MODEL", help="the teacher's .keras, instead of the recipe's")
    fit.add_argument("--resume", action="store_true", help="go on with a run that was killed")
    fit.set_defaults(run=_fit)

    balance = commands.add_parser("balance", parents=[run, data], help="compare heads refitted for a rare class")
    balance.set_defaults(run=_balance)

    calibrate = commands.add_parser("calibrate", parents=[run, data], help="fit the temperature and fold it in")
    calibrate.add_argument("--split", default="val", help="split to calibrate on [%(default)s]")
    calibrate.set_defaults(run=_calibrate)
    smallest = commands.add_parser(
        "smallest-face", parents=[data], help="measure what is lost on small faces, and choose the smallest to judge"
    )
    smallest.add_argument("--model", type=Path, required=True, help="a .onnx, or a run's calibrated.keras")
    smallest.add_argument("--split", default="val", help="split to choose on [%(default)s]")
    smallest.set_defaults(run=_smallest_face)
    _add_evaluate(commands.add_parser("evaluate", parents=[data], help="judge a model on labelled faces"))
    return parser


def _add_evaluate(evaluate: argparse.ArgumentParser) -> None:
    evaluate.add_argument("--model", type=Path, required=True, help="a .onnx with its card, or a .keras")
    evaluate.add_argument("--split", help="split of the data; by default all of it")
    evaluate.add_argument(
        "--notes", type=Path, metavar="CSV", help="judge only the faces that this table of file, label and note names"
    )
    evaluate.add_argument("--size", type=int, help="input size in pixels of a .keras without its recipe beside it")
    evaluate.add_argument(
        "--report",
        nargs="?",
        const="",
        metavar="FOLDER",
        help="write a page with plots, by default into reports/<model>-<split>, which git ignores",
    )
    evaluate.add_argument(
        "--boxes",
        choices=("labelled", "detector"),
        default="labelled",
        help="crop the annotators' boxes, or those of the runtime's detector where it sees the face [%(default)s]",
    )
    evaluate.add_argument("--json", action="store_true", help="print one JSON object")
    evaluate.add_argument(
        "--class-alias",
        type=_alias,
        action="append",
        default=[],
        metavar="FOLDER=CLASS",
        help="take that folder name for that class",
    )
    evaluate.set_defaults(run=_evaluate)


def _alias(text: str) -> tuple[str, str]:
    name, separator, label = text.partition("=")
    if not (name and separator and label):
        raise argparse.ArgumentTypeError(f"wants FOLDER=CLASS, got {text}")
    return name, label


if __name__ == "__main__":
    sys.exit(main())
