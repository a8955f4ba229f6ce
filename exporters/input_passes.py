"""Rewrites of the way from a graph's input to its first convolution, so that the caller sends RGB bytes."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from exporters.graph_passes import without_unused_constants
from training.pixel_scale import PixelScale

Vector = NDArray[np.float64]

TO_PLANES = [0, 3, 1, 2]
CHANNELS = 3


def take_bytes(model: onnx.ModelProto, pixels: PixelScale) -> onnx.ModelProto:
    """Return `model`, whose input is (N, S, S, 3) float32 on the scale `pixels`, with a uint8 RGB input instead."""
    result = onnx.ModelProto()
    result.CopyFrom(model)
    graph = result.graph
    given = graph.input[0].name
    graph.input[0].type.tensor_type.elem_type = TensorProto.UINT8
    steps = [helper.make_node("Cast", [given], [f"{given}/levels"], to=TensorProto.FLOAT)]
    constants: list[onnx.TensorProto] = []
    for kind, values, neutral in (("Mul", pixels.factors, 1.0), ("Add", pixels.offsets, 0.0)):
        if any(value != neutral for value in values):
            constants.append(numpy_helper.from_array(np.array(values, np.float32), f"{given}/{kind}"))
            steps.append(helper.make_node(kind, [steps[-1].output[0], constants[-1].name], [f"{given}/{kind}ed"]))
    if pixels.is_bgr:
        constants.append(numpy_helper.from_array(np.array([2, 1, 0], np.int64), f"{given}/bgr"))
        inputs = [steps[-1].output[0], constants[-1].name]
        steps.append(helper.make_node("Gather", inputs, [f"{given}/reversed"], axis=CHANNELS))
    for node in graph.node:
        node.input[:] = [steps[-1].output[0] if name == given else name for name in node.input]
    nodes = [*steps, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    graph.initializer.extend(constants)
    return result


def fold_into_first_convolution(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return `model` with the scale and the order of its channels in the weights of its first convolution.

    An offset goes into the bias only where nothing is padded: zeros at the border stand for scaled pixels, and an
    offset behind them would shift the border too. There one `Add`, of the offset in levels, stays ahead of the padding.
    A graph whose bytes take another way than cast, scale, order, transposition, padding, convolution stays as it is.
    """
    result = onnx.ModelProto()
    result.CopyFrom(model)
    path = _path_to_convolution(result.graph)
    if path is None or not path.dropped or not path.factors.all():
        return result
    _apply(result.graph, path)
    return without_unused_constants(result)


@dataclass(slots=True)
class _Path:
    """The nodes from the input to the first convolution, and what they do to the bytes.

    The convolution's channel k is `factors[k] * byte[order[k]] + offsets[k]`; `moves` are the nodes that stay.
    """

    constants: dict[str, NDArray[np.generic]]
    cast: onnx.NodeProto
    moves: list[onnx.NodeProto] = field(default_factory=list)
    dropped: list[onnx.NodeProto] = field(default_factory=list)
    factors: Vector = field(default_factory=lambda: np.ones(CHANNELS))
    offsets: Vector = field(default_factory=lambda: np.zeros(CHANNELS))
    order: NDArray[np.int64] = field(default_factory=lambda: np.arange(CHANNELS))
    channel_axis: int = CHANNELS
    is_padded: bool = False
    convolution: onnx.NodeProto = field(default_factory=onnx.NodeProto)

    def takes(self, node: onnx.NodeProto, came_from: str) -> bool:
        """Follow the bytes through `node`; False where they can't be followed."""
        kind = node.op_type
        if kind in {"Mul", "Add", "Sub"} and not self.is_padded:
            return self._scales(node, came_from)
        if kind == "Gather" and not self.is_padded:
            return self._orders(node)
        if kind == "Transpose" and self.channel_axis == CHANNELS:
            self.channel_axis = 1
            self.moves.append(node)
            return list(_attribute(node, "perm", [])) == TO_PLANES
        if kind == "Pad":
            self.is_padded = True
            self.moves.append(node)
            return self._pads_with_zeros(node)
        return False

    def _scales(self, node: onnx.NodeProto, came_from: str) -> bool:
        other = node.input[1] if node.input[0] == came_from else node.input[0]
        value = self._per_channel(other)
        if value is None or (node.op_type == "Sub" and node.input[0] != came_from):
            return False
        if node.op_type == "Mul":
            self.factors, self.offsets = self.factors * value, self.offsets * value
        else:
            self.offsets = self.offsets + (value if node.op_type == "Add" else -value)
        self.dropped.append(node)
        return True

    def _orders(self, node: onnx.NodeProto) -> bool:
        indices = self.constants.get(node.input[1])
        axis = int(_attribute(node, "axis", 0)) % 4
        if axis != self.channel_axis or indices is None or sorted(indices.ravel().tolist()) != [0, 1, 2]:
            return False
        places = indices.astype(np.int64)
        self.factors, self.offsets, self.order = self.factors[places], self.offsets[places], self.order[places]
        self.dropped.append(node)
        return True

    def _per_channel(self, name: str) -> Vector | None:
        """Return a constant as (3,) values of the channels; None where it is none, or varies along something else."""
        value = self.constants.get(name)
        if value is None or value.dtype != np.float32 or value.size not in (1, CHANNELS):
            return None
        axis_from_end = self.channel_axis - 4
        if value.size == CHANNELS and (value.ndim < -axis_from_end or value.shape[axis_from_end] != CHANNELS):
            return None
        return np.broadcast_to(value.ravel().astype(np.float64), CHANNELS).copy()

    def _pads_with_zeros(self, node: onnx.NodeProto) -> bool:
        fill = self.constants.get(node.input[2]) if len(node.input) > 2 and node.input[2] else np.zeros(1)
        return _attribute(node, "mode", b"constant") == b"constant" and fill is not None and not fill.any()


def _path_to_convolution(graph: onnx.GraphProto) -> _Path | None:
    """Return the way of the bytes, or None where it branches, or does anything that can't be folded."""
    constants = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    cast = _only_user(graph, graph.input[0].name)
    if cast is None or cast.op_type != "Cast":
        return None
    path = _Path(constants, cast)
    node = _only_user(graph, cast.output[0])
    came_from = cast.output[0]
    while node is not None and node.op_type != "Conv":
        if not path.takes(node, came_from):
            return None
        came_from = node.output[0]
        node = _only_user(graph, came_from)
    if node is None or path.channel_axis != 1 or not _is_foldable(node, constants, came_from):
        return None
    path.convolution = node
    path.is_padded |= any(_attribute(node, "pads", [])) or _attribute(node, "auto_pad", b"NOTSET").startswith(b"SAME")
    return path


def _only_user(graph: onnx.GraphProto, name: str) -> onnx.NodeProto | None:
    users = [node for node in graph.node if name in node.input]
    is_output = any(output.name == name for output in graph.output)
    return users[0] if len(users) == 1 and not is_output else None


def _is_foldable(node: onnx.NodeProto, constants: dict[str, NDArray[np.generic]], came_from: str) -> bool:
    weights = constants.get(node.input[1])
    has_known_bias = len(node.input) < 3 or node.input[2] in constants
    return node.input[0] == came_from and weights is not None and weights.shape[1] == CHANNELS and has_known_bias


def _apply(graph: onnx.GraphProto, path: _Path) -> None:
    """Put the path's scale, order and offset where they belong, and leave its other nodes out."""
    node = path.convolution
    weights = path.constants[node.input[1]].astype(np.float64)
    bias = path.constants[node.input[2]].astype(np.float64) if len(node.input) > 2 else np.zeros(len(weights))
    scaled = np.empty_like(weights)
    scaled[:, path.order] = weights * path.factors[:, np.newaxis, np.newaxis]
    kept = [path.cast]
    if path.is_padded and path.offsets.any():
        kept.append(_level_offset(graph, path))
    else:
        bias = bias + (weights.sum(axis=(2, 3)) @ path.offsets)
    names = [f"{node.output[0]}/weights", f"{node.output[0]}/bias"]
    for name, value in zip(names, (scaled, bias), strict=True):
        graph.initializer.append(numpy_helper.from_array(value.astype(np.float32), name))
    kept += path.moves
    node.input[:] = [node.input[0], *names]
    for before, after in zip(kept, [*kept[1:], node], strict=True):
        after.input[0] = before.output[0]
    gone = {name for one in (*path.dropped, *kept) for name in one.output}
    nodes = [*kept, *(one for one in graph.node if one.output[0] not in gone)]
    del graph.node[:]
    graph.node.extend(nodes)


def _level_offset(graph: onnx.GraphProto, path: _Path) -> onnx.NodeProto:
    """Return the `Add` of the offsets in levels of the bytes, after adding its constant to `graph`."""
    levels = np.empty(CHANNELS)
    levels[path.order] = path.offsets / path.factors
    name = f"{path.cast.output[0]}/offset"
    graph.initializer.append(numpy_helper.from_array(levels.astype(np.float32), name))
    return helper.make_node("Add", [path.cast.output[0], name], [f"{name}ed"])


def _attribute(node: onnx.NodeProto, name: str, default: Any) -> Any:
    found = [attribute for attribute in node.attribute if attribute.name == name]
    return helper.get_attribute_value(found[0]) if found else default
