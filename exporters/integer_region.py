"""Which part of a network can be computed in bytes."""

from dataclasses import dataclass, field

import numpy as np
import onnx

from exporters.graph_view import GraphView, attribute, is_unpadded


@dataclass(slots=True)
class IntegerRegion:
    """The nodes from the first convolution on that bytes can go through, in the order of the graph.

    `source` is the float tensor that enters. `tensors` are those made inside, True where none of their values is
    negative: only such a tensor can be padded, whose zeros then are the byte 0. `channels` has their numbers.
    """

    view: GraphView
    source: str = ""
    nodes: list[onnx.NodeProto] = field(default_factory=list)
    tensors: dict[str, bool] = field(default_factory=dict)
    channels: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, graph: onnx.GraphProto) -> "IntegerRegion":
        region = cls(GraphView(graph))
        for node in graph.node:
            region._take(node)
        return region

    @property
    def measured(self) -> list[str]:
        """The tensors whose ranges say what the bytes stand for; the others follow from them."""
        made = [node.output[0] for node in self.nodes if node.op_type in {"Conv", "Relu", "AveragePool"}]
        return [name for name in made if not self.is_only_rectified(name)]

    @property
    def holds_all_convolutions(self) -> bool:
        """Whether no convolution of the graph stays outside."""
        made = {name for name, node in self.view.makers.items() if node.op_type == "Conv"}
        return bool(made) and made <= self.tensors.keys()

    def is_only_rectified(self, name: str) -> bool:
        """Whether all that becomes of a tensor is its `Relu`: then both are one step."""
        return self.view.only_reader(name, "Relu") is not None

    def _take(self, node: onnx.NodeProto) -> None:
        accept = {
            "Conv": self._takes_convolution,
            "Relu": self._takes_relu,
            "Max": self._takes_threshold,
            "Concat": self._takes_concatenation,
            "Pad": self._takes_padding,
            "MaxPool": self._takes_pooling,
            "AveragePool": self._takes_mean,
        }.get(node.op_type)
        if accept is None:
            return
        is_positive = accept(node)
        if is_positive is not None:
            self.nodes.append(node)
            self.tensors[node.output[0]] = is_positive
            self.channels[node.output[0]] = self._channels_of(node)

    def _channels_of(self, node: onnx.NodeProto) -> int:
        if node.op_type == "Conv":
            return len(self.view.constants[node.input[1]])
        return sum(self.channels[name] for name in node.input if name in self.channels)

    def _takes_convolution(self, node: onnx.NodeProto) -> bool | None:
        is_plain = attribute(node, "group", 1) == 1 and attribute(node, "auto_pad", b"NOTSET") in (b"NOTSET", b"VALID")
        if not is_plain or self.view.weights_of(node) is None:
            return None
        if not self.nodes:
            self.source = node.input[0]
            return False
        takes = self.tensors.get(node.input[0]) or (node.input[0] in self.tensors and is_unpadded(node))
        return False if takes else None

    def _takes_relu(self, node: onnx.NodeProto) -> bool | None:
        maker = self.view.makers.get(node.input[0])
        follows = maker is not None and maker.op_type == "Conv" and self.is_only_rectified(node.input[0])
        return True if follows and node.input[0] in self.tensors else None

    def _takes_threshold(self, node: onnx.NodeProto) -> bool | None:
        threshold = self.view.constants.get(node.input[1]) if len(node.input) == 2 else None
        if node.input[0] not in self.tensors or threshold is None or threshold.shape[0] != 1:
            return None
        return False if threshold.ndim == 4 and threshold.size == threshold.shape[1] else None

    def _takes_concatenation(self, node: onnx.NodeProto) -> bool | None:
        if attribute(node, "axis", 0) != 1 or not all(name in self.tensors for name in node.input):
            return None
        return all(self.tensors[name] for name in node.input)

    def _takes_padding(self, node: onnx.NodeProto) -> bool | None:
        """Take a padding with zeros at the border of the picture."""
        amounts = self.view.constants.get(node.input[1])
        fill = self.view.constants.get(node.input[2], 1) if len(node.input) > 2 and node.input[2] else 0
        is_plain = len(node.input) < 4 and attribute(node, "mode", b"constant") == b"constant" and not np.any(fill)
        at_border = amounts is not None and not amounts[[0, 1, 4, 5]].any()
        return True if is_plain and at_border and self.tensors.get(node.input[0]) else None

    def _takes_pooling(self, node: onnx.NodeProto) -> bool | None:
        return self.tensors.get(node.input[0]) if len(node.output) == 1 else None

    def _takes_mean(self, node: onnx.NodeProto) -> bool | None:
        is_plain = is_unpadded(node) and not attribute(node, "ceil_mode", 0)
        return self.tensors.get(node.input[0]) if is_plain else None
