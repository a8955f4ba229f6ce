"""`python -m exporters`: ONNX models with their cards, each checked against what it was made from."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from pipeline.console import exit_code_of
from training.backend import start_keras
from training.data_folder import faces_zip

# The subcommands import their module when they run: `--help` need not wait for TensorFlow.


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one subcommand and return its exit code; an error is one sentence on stderr."""
    os.environ["KERAS_BACKEND"] = "tensorflow"
    options = _parser().parse_args(arguments)
    return exit_code_of(lambda: options.run(options))


def _onnx(options: argparse.Namespace) -> None:
    start_keras()
    from exporters.onnx_export import ExportOptions, export_onnx

    card = export_onnx(
        ExportOptions(options.model, options.out, options.data, options.split, options.size, options.version)
    )
    print(card.model_dump_json(indent=2))


def _quantize(options: argparse.Namespace) -> None:
    from exporters.int8_export import export_quantized

    card = export_quantized(options.model, options.calibration, options.split, options.out)
    print(card.model_dump_json(indent=2))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m exporters", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    faces = faces_zip()

    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--out", type=Path, required=True, help="the .onnx to write; its card lies beside it")
    common.add_argument("--split", default="val", help="split of the faces that the result is checked on [%(default)s]")

    export = commands.add_parser("onnx", parents=[common], help="export a model of `training fit`")
    export.add_argument("model", type=Path, metavar="MODEL.keras", help="a model in the folder of its run")
    export.add_argument("--data", type=Path, default=faces, help="faces to check parity on [%(default)s]")
    export.add_argument("--size", type=int, help="input size in pixels [the last one of the recipe]")
    export.add_argument("--version", default="1", help="version in the card [%(default)s]")
    export.set_defaults(run=_onnx)

    quantize = commands.add_parser("quantize", parents=[common], help="make an 8-bit model of an exported one")
    quantize.add_argument("model", type=Path, metavar="MODEL.onnx", help="an fp32 model with its card")
    quantize.add_argument("--calibration", type=Path, default=faces, help="faces to take ranges over [%(default)s]")
    quantize.set_defaults(run=_quantize)
    return parser


if __name__ == "__main__":
    sys.exit(main())
