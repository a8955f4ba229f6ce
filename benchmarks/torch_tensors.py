"""Reads the tensors of a file that `torch.save` wrote, without PyTorch and without running anything in the file.

A pickle is a program: it may call whatever it can name. Here it can name `OrderedDict`, torch's storage types and the
two functions that rebuild tensors, all of them replaced by values of this module. Other classes of torch and fastai
become `Inert`, which keeps its state and does nothing. Any other name is refused.
"""

import io
import pickle
import struct
import zipfile
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import ModelError

LEGACY_MAGIC = 0x1950A86A20F9469CFC6C
LEGACY_PROTOCOL = 1001
NUMEL = struct.Struct("<q")

DTYPES: dict[str, np.dtype[Any]] = {"FloatStorage": np.dtype("<f4"), "LongStorage": np.dtype("<i8")}
INERT_PACKAGES = frozenset({"torch", "torchvision", "fastai", "functools"})


@dataclass(slots=True)
class Storage:
    """The values that tensors are views of: (numel,), filled in once the pickle that names it is read."""

    dtype: np.dtype[Any]
    numel: int
    data: bytes = b""


@dataclass(frozen=True, slots=True)
class StoredTensor:
    """A view of a storage; offset and strides count values, not bytes."""

    storage: Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    def array(self) -> NDArray[Any]:
        """Return a copy as an array; raises ModelError where the view reaches beyond its storage."""
        values = np.frombuffer(self.storage.data, self.storage.dtype)
        last = self.offset + sum((n - 1) * stride for n, stride in zip(self.shape, self.strides, strict=True))
        if min((self.offset, *self.shape, *self.strides)) < 0 or last >= len(values):
            raise ModelError(f"a tensor of shape {self.shape} reaches beyond its {len(values)} stored values")
        steps = [stride * values.itemsize for stride in self.strides]
        return np.lib.stride_tricks.as_strided(values[self.offset :], self.shape, steps).copy()


class Inert:
    """What stands for an object of a class that is not to be loaded: its state, and no behaviour."""

    state: object = None

    def __init__(self, *_arguments: object) -> None:
        """Take and forget whatever the real class is constructed with."""

    def __setstate__(self, state: object) -> None:
        self.state = state


def read_tree(data: bytes) -> object:
    """Return what `torch.save` wrote in either of its formats, tensors as StoredTensor, unknown objects as Inert.

    Raises ModelError where it is another file, or names anything that is not of torch or fastai.
    """
    try:
        is_zip = zipfile.is_zipfile(io.BytesIO(data))
        return _read_zip(data) if is_zip else _read_legacy(data)
    except ModelError:
        raise
    except Exception as error:  # a damaged pickle raises whatever its opcodes stumble over
        raise ModelError(f"this is not a file of torch.save: {type(error).__name__}: {error}") from error


def tensors_of(tree: object) -> dict[str, NDArray[Any]]:
    """Return the tensors of a state dict or of a whole pickled module by their names, in the order of the network."""
    return {name: stored.array() for name, stored in _named(tree, "")}


def _named(node: object, prefix: str) -> Iterator[tuple[str, StoredTensor]]:
    """Yield the tensors below a node: a dict's own, or a module's parameters, buffers and then its children's."""
    if isinstance(node, StoredTensor):
        yield prefix.rstrip("."), node
    elif isinstance(node, dict):
        for name, child in node.items():
            yield from _named(child, f"{prefix}{name}.")
    elif isinstance(node, Inert) and isinstance(node.state, dict):
        for part in ("_parameters", "_buffers", "_modules"):
            yield from _named(node.state.get(part), prefix)


class _TensorUnpickler(pickle.Unpickler):
    """Unpickles trees of tensors; every name that is not expected is refused."""

    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file)
        self.storages: dict[str, Storage] = {}

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if module == "torch" and name.endswith("Storage"):
            return _dtype(name)
        if module == "torch._utils" and name in REBUILD:
            return REBUILD[name]
        if module.partition(".")[0] not in INERT_PACKAGES:
            raise ModelError(f"refused to load a file of tensors that names {module}.{name}")
        return type(name, (Inert,), {"__module__": module})

    def persistent_load(self, pid: Any) -> Any:
        if pid[0] == "module":  # a class with its source text
            return pid[1]
        kind, dtype, key, _device, numel, *view = pid
        if kind != "storage" or any(view):
            raise ModelError(f"refused to load a file of tensors with a reference of kind {kind} {view}")
        return self.storages.setdefault(str(key), Storage(dtype, int(numel)))


def _dtype(storage: str) -> np.dtype[Any]:
    if storage not in DTYPES:
        raise ModelError(f"cannot read tensors of {storage}: expected {' or '.join(DTYPES)}")
    return DTYPES[storage]


def _rebuild_tensor(
    storage: Storage, offset: int, shape: tuple[int, ...], strides: tuple[int, ...], *_training: object
) -> StoredTensor:
    return StoredTensor(storage, offset, tuple(shape), tuple(strides))


def _rebuild_parameter(tensor: StoredTensor, *_training: object) -> StoredTensor:
    return tensor


REBUILD = {"_rebuild_tensor_v2": _rebuild_tensor, "_rebuild_parameter": _rebuild_parameter}


def _read_zip(data: bytes) -> object:
    """Read the format since PyTorch 1.6: a zip of `data.pkl` and one file for each storage."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        (pickled,) = (name for name in archive.namelist() if name.endswith("data.pkl"))
        unpickler = _TensorUnpickler(io.BytesIO(archive.read(pickled)))
        tree = unpickler.load()
        for key, storage in unpickler.storages.items():
            storage.data = archive.read(f"{pickled.removesuffix('data.pkl')}data/{key}")
    return tree


def _read_legacy(data: bytes) -> object:
    """Read the format before it: pickles of magic, protocol, system, the tree and its keys, then the storages."""
    file = io.BytesIO(data)
    magic, protocol, system = (_TensorUnpickler(file).load() for _ in range(3))
    if (magic, protocol) != (LEGACY_MAGIC, LEGACY_PROTOCOL) or not system["little_endian"]:
        raise ModelError("this is not a file of torch.save: neither a zip nor its magic number")
    unpickler = _TensorUnpickler(file)
    tree = unpickler.load()
    for key in _TensorUnpickler(file).load():
        storage = unpickler.storages[str(key)]
        (numel,) = NUMEL.unpack(file.read(NUMEL.size))
        storage.data = file.read(numel * storage.dtype.itemsize)
    return tree
