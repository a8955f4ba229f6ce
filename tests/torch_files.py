"""Files as `torch.save` writes them, put together opcode by opcode: the tests have no PyTorch."""

import io
import pickle
import struct
import zipfile
from collections.abc import Mapping

from pipeline.types import Float32Array
from training.torch_tensors import LEGACY_MAGIC, LEGACY_PROTOCOL

HEADER = b"\x80\x02"
STOP = b"."


def pushed(value: object) -> bytes:
    """Return the opcodes that put a plain value on the pickle machine's stack."""
    return pickle.dumps(value, 2)[len(HEADER) : -len(STOP)]


def tensor(key: str, array: Float32Array, offset: int = 0, steps: tuple[int, ...] | None = None) -> bytes:
    """Return the opcodes of a tensor over storage `key`, a view of it where `offset` or `steps` are given."""
    strides = steps or tuple(step // array.itemsize for step in array.strides)
    storage = b"(" + pushed("storage") + b"ctorch\nFloatStorage\n" + pushed(key) + pushed("cpu") + pushed(array.size)
    arguments = b"tQ" + pushed(offset) + pushed(array.shape) + pushed(strides) + b"\x89ccollections\nOrderedDict\n)R"
    return b"ctorch._utils\n_rebuild_tensor_v2\n(" + storage + arguments + b"tR"


def tree(items: Mapping[str, bytes]) -> bytes:
    """Return the opcodes of a dict of values that are opcodes themselves."""
    return b"}(" + b"".join(pushed(name) + value for name, value in items.items()) + b"u"


def module(path: str, state: bytes) -> bytes:
    """Return the opcodes of an object of the class at `path` (module, newline, name) with that state."""
    return b"c" + path.encode() + b"\n)\x81" + state + b"b"


def zip_file(pickled: bytes, storages: Mapping[str, Float32Array]) -> bytes:
    """Return the format since PyTorch 1.6."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("archive/data.pkl", HEADER + pickled + STOP)
        for key, array in storages.items():
            archive.writestr(f"archive/data/{key}", array.tobytes())
    return file.getvalue()


def legacy_file(pickled: bytes, storages: Mapping[str, Float32Array]) -> bytes:
    """Return the format before it."""
    system = {"protocol_version": LEGACY_PROTOCOL, "little_endian": True}
    start = b"".join(pickle.dumps(value, 2) for value in (LEGACY_MAGIC, LEGACY_PROTOCOL, system))
    stored = b"".join(struct.pack("<q", array.size) + array.tobytes() for array in storages.values())
    return start + HEADER + pickled + STOP + pickle.dumps(list(storages), 2) + stored
