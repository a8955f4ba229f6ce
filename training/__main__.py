"""`python -m training`: fit a recipe."""

import argparse
from pathlib import Path

from training.config import load_recipe
from training.fit import fit


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m training")
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("fit")
    run.add_argument("recipe", type=Path)
    run.add_argument("--data", type=Path, required=True)
    run.add_argument("--out", type=Path, required=True)
    run.add_argument("--resume", action="store_true")
    options = parser.parse_args()
    fit(load_recipe(options.recipe), options.data, options.out, options.resume)


if __name__ == "__main__":
    main()
