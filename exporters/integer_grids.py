"""Which bytes stand for what in the tensors of an integer region."""

from collections.abc import Mapping

import numpy as np
import onnx
from numpy.typing import NDArray

from exporters.calibration import ChannelRange
from exporters.channel_grid import ChannelGrid
from exporters.integer_region import IntegerRegion

Vector = NDArray[np.float64]


def grids_of(region: IntegerRegion, ranges: Mapping[str, ChannelRange]) -> dict[str, ChannelGrid]:
    """Return the grid of each tensor of the region, from the ranges of `region.measured`.

    What is only rearranged keeps its bytes: tensors that meet in a `Concat` need no common scale, as each channel has
    its own. Below the lowest of the thresholds that read a channel no values are told apart, so none get a byte.
    """
    floors = _floors(region)
    grids: dict[str, ChannelGrid] = {}
    for node in region.nodes:
        name = node.output[0]
        if name in ranges:
            lowest = np.zeros(region.channels[name]) if region.tensors[name] else ranges[name].low
            grids[name] = ChannelGrid.spanning(np.maximum(lowest, floors[name]), ranges[name].high)
        elif node.op_type == "Concat":
            grids[name] = ChannelGrid.joined([grids[one] for one in node.input])
        elif not region.is_only_rectified(name):
            grids[name] = grids[node.input[0]]
    return grids


def _floors(region: IntegerRegion) -> dict[str, Vector]:
    """Return by tensor the (C,) values below which none of its readers tells values apart; -inf where one does."""
    floors: dict[str, Vector] = {}
    for node in reversed(region.nodes):
        name = node.output[0]
        needs = [_needed(region, floors, reader, name) for reader in region.view.readers(name)]
        floors[name] = np.min(needs, axis=0) if needs else np.full(region.channels[name], -np.inf)
    return floors


def _needed(region: IntegerRegion, floors: Mapping[str, Vector], reader: onnx.NodeProto, name: str) -> Vector:
    """Return the floor of one reader of the tensor."""
    if reader.output[0] in region.tensors and not region.tensors[name]:
        if reader.op_type == "Max":
            return region.view.constants[reader.input[1]].ravel().astype(np.float64)
        if reader.op_type == "MaxPool":
            return floors[reader.output[0]]
        if reader.op_type == "Concat":
            before = list(reader.input)[: list(reader.input).index(name)]
            first = sum(region.channels[one] for one in before)
            return floors[reader.output[0]][first : first + region.channels[name]]
    return np.full(region.channels[name], -np.inf)
