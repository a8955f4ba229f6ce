"""What passes ask of a graph again and again: its constants, who makes a tensor, who reads it."""

from collections import defaultdict
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper


class GraphView:
    """Look-ups in a graph as it was when the view was made; changes of its nodes do not show."""

    def __init__(self, graph: onnx.GraphProto) -> None:
        self.constants: dict[str, NDArray[Any]] = {
            tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer
        }
        self.makers = {name: node for node in graph.node for name in node.output}
        self._readers: dict[str, list[onnx.NodeProto]] = defaultdict(list)
        for node in graph.node:
            for name in node.input:
                self._readers[name].append(node)
        self._outputs = {output.name for output in graph.output}

    def readers(self, name: str) -> tuple[onnx.NodeProto, ...]:
        """Return the nodes that read the tensor, one that reads it twice being there twice."""
        return tuple(self._readers.get(name, ()))

    def only_reader(self, name: str, kind: str) -> onnx.NodeProto | None:
        """Return the one node that reads the tensor, where it is of that kind and the graph does not give it out."""
        readers = self.readers(name)
        alone = len(readers) == 1 and name not in self._outputs
        return readers[0] if alone and readers[0].op_type == kind else None

    def weights_of(self, convolution: onnx.NodeProto) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
        """Return the (O, I, H, W) weights and the (O,) bias, None where either is computed."""
        names = [name for name in convolution.input[1:] if name]
        if not all(name in self.constants for name in names):
            return None
        weights = self.constants[names[0]].astype(np.float64)
        bias = self.constants[names[1]].astype(np.float64) if len(names) > 1 else np.zeros(len(weights))
        return weights, bias


def attribute(node: onnx.NodeProto, name: str, default: Any) -> Any:
    """Return the value of the node's attribute, `default` where it has none."""
    found = [one for one in node.attribute if one.name == name]
    return helper.get_attribute_value(found[0]) if found else default


def is_unpadded(node: onnx.NodeProto) -> bool:
    """Whether a convolution or a pooling reads nothing beyond the border."""
    return not any(attribute(node, "pads", [])) and attribute(node, "auto_pad", b"NOTSET") in (b"NOTSET", b"VALID")
