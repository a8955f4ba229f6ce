"""`python -m exporters`: ONNX models with their cards, each checked against what it was made from."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.console import exit_code_of
from training.backend import start_keras
from training.data_folder import faces_zip

if TYPE_CHECKING:
    from exporters.derived_export import DerivedOptions
    from exporters.keras_options import KerasOptions

# The subcommands import their module when they run: `--help` need not wait for TensorFlow.


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one subcommand and return its exit code; an error is one sentence on stderr."""
    os.environ["KERAS_BACKEND"] = "tensorflow"
    options = _parser().parse_args(arguments)
    return exit_code_of(lambda: options.run(options))


def _onnx(options: argparse.Namespace) -> None:
    start_keras()
    from exporters.onnx_export import ExportOptions, export_onnx

    keras = _keras_options(options, options.classes, options.size)
    card = export_onnx(ExportOptions(options.model, options.out, options.data, options.split, options.version, keras))
    print(card.model_dump_json(indent=2))


def _quantize(options: argparse.Namespace) -> None:
    derived = _derived_options(options)
    from exporters.derived_export import export_quantized

    print(export_quantized(derived).model_dump_json(indent=2))


def _fp16(options: argparse.Namespace) -> None:
    derived = _derived_options(options)
    from exporters.derived_export import export_half

    print(export_half(derived).model_dump_json(indent=2))


def _figures(options: argparse.Namespace) -> None:
    from exporters.card_figures import add_evaluation

    print(add_evaluation(options.model, options.evaluation, options.split).model_dump_json(indent=2))


def _derived_options(options: argparse.Namespace) -> "DerivedOptions":
    from exporters.derived_export import DerivedOptions

    feeding = _keras_options(options)
    return DerivedOptions(options.model, options.out, options.data, options.split, options.keras, feeding)


def _keras_options(
    options: argparse.Namespace, classes: str | None = None, size_px: int | None = None
) -> "KerasOptions":
    from exporters.keras_options import KerasOptions

    names = None if classes is None else tuple(classes.split(","))
    return KerasOptions(names, options.scale, options.channels, options.output, size_px)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m exporters", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_onnx(commands.add_parser("onnx", parents=[_common("--data"), _feeding()], help="export a Keras model"))

    smaller = argparse.ArgumentParser(add_help=False, parents=[_feeding()])
    smaller.add_argument("model", type=Path, metavar="MODEL.onnx", help="an fp32 model with its card")
    smaller.add_argument("--keras", type=Path, metavar="MODEL.keras", help="what it was exported from: compare with it")
    quantize = commands.add_parser(
        "quantize",
        parents=[_common("--calibration"), smaller],
        help="make an 8-bit model, for CPUs, of an exported one",
    )
    quantize.set_defaults(run=_quantize)
    half = commands.add_parser(
        "fp16", parents=[_common("--data"), smaller], help="make a half-precision model, for GPUs, of an exported one"
    )
    half.set_defaults(run=_fp16)

    figures = commands.add_parser("figures", help="put the figures of an evaluation into a model's card")
    figures.add_argument("model", type=Path, metavar="MODEL.onnx", help="a model with its card")
    figures.add_argument("evaluation", type=Path, metavar="FILE.json", help="what `training evaluate --json` printed")
    figures.add_argument("--split", default="test", help="split that was evaluated [%(default)s]")
    figures.set_defaults(run=_figures)
    return parser


def _common(faces_option: str) -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--out", type=Path, required=True, help="the .onnx to write; its card lies beside it")
    common.add_argument(
        faces_option, dest="data", type=Path, default=faces_zip(), help="faces to check the result on [%(default)s]"
    )
    common.add_argument("--split", default="val", help="split of these faces, or `all` [%(default)s]")
    return common


def _feeding() -> argparse.ArgumentParser:
    """Return the options for models that no run of the project made."""
    feeding = argparse.ArgumentParser(add_help=False)
    own = feeding.add_argument_group("a model of your own, which has no recipe beside it")
    own.add_argument(
        "--scale",
        help="what it makes of bytes: none, unit (1/255), symmetric ([-1, 1]), torch, caffe, or FACTOR,OFFSET",
    )
    own.add_argument("--channels", choices=("rgb", "bgr"), help="their order [bgr with caffe, else rgb]")
    own.add_argument(
        "--output",
        choices=("softmax", "sigmoid", "logits"),
        help="what it gives; one unit stands for the second class [what its last layer says]",
    )
    return feeding


def _add_onnx(export: argparse.ArgumentParser) -> None:
    export.add_argument(
        "model", type=Path, metavar="MODEL", help="a .keras in the folder of its run, or any .keras, .h5"
    )
    export.add_argument("--classes", help="of a model of your own, in the order of its outputs: with_mask,without_mask")
    export.add_argument("--size", type=int, help="input size in pixels [its only one, or the last one of the recipe]")
    export.add_argument("--version", default="1", help="version in the card [%(default)s]")
    export.set_defaults(run=_onnx)


if __name__ == "__main__":
    sys.exit(main())
