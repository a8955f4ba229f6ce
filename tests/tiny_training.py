"""`python -m tests.tiny_training [--halt-in-epoch N] ...`: `python -m training` with a network of two convolutions.

With `--halt-in-epoch` the last batch of epoch N (counted from 1) never comes: the line `HALTED` says that it is waited
for, and the process then lives until it is killed.
"""

import argparse
import sys
import threading
from typing import Any

from tests.networks import tiny_backbone

COUNTS = {
    "train": {"masked": 12, "incorrect": 6, "unmasked": 12},
    "val": {"masked": 6, "incorrect": 6, "unmasked": 6},
}
RECIPE = """
name: tiny-faces
weights: none
class_shares: {masked: 0.38, incorrect: 0.24, unmasked: 0.38}
batch_size: 8
images_per_epoch: 48
stages:
  - {size_px: 32, epochs: 2}
  - {size_px: 40, epochs: 1}
optimizer: {learning_rate: 0.02, warmup_steps: 2}
"""

HALTED = "halted"


def halt_in(epoch: int) -> None:
    """Let the last batch of `epoch`, counted from 1, never come."""
    from training.batches import AugmentedBatches

    draw = AugmentedBatches.__getitem__

    def draw_or_halt(batches: Any, index: int) -> Any:
        if batches._epoch == epoch - 1 and index == len(batches) - 1:
            print(HALTED, flush=True)
            threading.Event().wait()
        return draw(batches, index)

    AugmentedBatches.__getitem__ = draw_or_halt  # type: ignore[method-assign]  # a process of its own


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--halt-in-epoch", type=int)
    options, arguments = parser.parse_known_args()
    from training.__main__ import main as training
    from training.backend import start_keras

    start_keras()
    from training.backbone import BACKBONES

    BACKBONES["densenet201"] = tiny_backbone
    if options.halt_in_epoch is not None:
        halt_in(options.halt_in_epoch)
    return training(arguments)


if __name__ == "__main__":
    sys.exit(main())
