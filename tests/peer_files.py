"""A published peer in small: a MobileNetV2 of four channels, and a wheel around bytes."""

import zipfile
from pathlib import Path

import numpy as np

from benchmarks.mobilenet import CONVOLUTIONS, Affine, MobileNet, Pixels, Pooling
from benchmarks.peer_wheels import Wheel
from pipeline.model_card import sha256_of

CHANNELS = 4
SIZE_PX = 64
"""The side of the network's input: its last maps are 2 by 2."""

INPUTS_OF_HEAD = {Pooling.AVERAGE: CHANNELS, Pooling.MAXIMUM_AND_AVERAGE: 2 * CHANNELS, Pooling.NONE: 4 * CHANNELS}


def tiny_mobilenet(seed: int, pooling: Pooling = Pooling.AVERAGE, pads_evenly: bool = True) -> MobileNet:
    """Return a network of two classes with random weights, four channels wide all through."""
    rng = np.random.default_rng(seed)

    def affine(*shape: int) -> Affine:
        return Affine(rng.normal(0, 0.7, shape).astype(np.float32), rng.normal(0, 0.5, shape[0]).astype(np.float32))

    shapes = [(CHANNELS, 3, 3, 3)] + [(CHANNELS, CHANNELS, 1, 1)] * (CONVOLUTIONS - 1)
    # Widen, filter, narrow: all but the first block, which does not widen.
    for index in range(1, CONVOLUTIONS - 1, 3):
        shapes[index] = (CHANNELS, 1, 3, 3)
    pixels = Pixels(mean=(127.5,) * 3, deviation=(127.5,) * 3)
    convolutions = tuple(affine(*shape) for shape in shapes)
    return MobileNet(convolutions, (affine(2, INPUTS_OF_HEAD[pooling]),), pooling, pixels, pads_evenly)


def write_wheel(folder: Path, name: str, members: dict[str, bytes]) -> Wheel:
    """Write version 1.0 of a wheel that pip accepts into `folder`, and return what pins it."""
    info = f"{name.replace('-', '_')}-1.0.dist-info"
    texts = {
        "METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
        "WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        "RECORD": "",
    }
    path = folder / f"{name.replace('-', '_')}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for member, data in members.items():
            archive.writestr(member, data)
        for file, text in texts.items():
            archive.writestr(f"{info}/{file}", text)
    return Wheel(name, "1.0", sha256_of(path.read_bytes()))
