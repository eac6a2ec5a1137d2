"""The tables of a TensorFlow Lite file as records: tensors, operations, the main subgraph.

Numbers of fields are those of schema.fbs.
"""

from __future__ import annotations

from math import prod

from bncalc.named import NamedTuple
from bncalc.readers.binary import Bytes, Damaged, shortest
from bncalc.readers.tflite.flatbuffer import BYTE, INT, UBYTE, UINT, ULONG, Flat, FlatTable, Vector
from bncalc.readers.tflite.words import BITS, CUSTOM, OPERATIONS

IDENTIFIER = b"TFL3"
_MOST_AXES = 8
MOST_OPERATIONS = 10_000
"""More than any microcontroller runs; what is placed in its memory grows with their square."""
_LARGEST = 2**48
"""Elements of a tensor: more than any memory holds."""


class TensorRecord(NamedTuple):
    """A tensor: its sizes, its type by number, and where its numbers are, if it is a constant.

    A size that depends on what arrives is 0; only the batch may be open and have one.
    """

    name: str
    sizes: tuple[int, ...]
    type: int
    content: Vector
    variable: bool
    at: int

    @property
    def constant(self) -> bool:
        return self.content.length > 0

    @property
    def is_state(self) -> bool:
        """Whether it is no map: a constant, or state that lives between runs."""
        return self.constant or self.variable

    @property
    def elements(self) -> int:
        return prod(self.sizes)

    def along(self, axis: int) -> int:
        """Return its size along an axis, or raise Damaged: an operation takes no such tensor."""
        if not -len(self.sizes) <= axis < len(self.sizes):
            raise Damaged(self.at, f"a matrix product reads a tensor of sizes {[*self.sizes]}")
        return self.sizes[axis]

    @property
    def bytes(self) -> int:
        """What it takes in memory; nothing if it holds no numbers."""
        return -(-self.elements * BITS.get(self.type, 0) // 8)


class Operation(NamedTuple):
    """An operation: its word, the indices of its tensors (an input that is missing is −1)."""

    word: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    options: FlatTable | None
    at: int

    def option(self, field: int, form: str = INT, default: int = 0) -> int:
        return default if self.options is None else self.options.number(field, form, default)

    def factor(self, field: int, usual: float) -> float:
        """Return an option that is a number with a fraction; without it 0, as the format says."""
        return usual if self.options is None else shortest(self.options.real(field, 0.0), usual)


class MainGraph(NamedTuple):
    """The main subgraph of a file, and how many further ones there are.

    `written_out` are the bytes of constants that are made of others before the first run.
    """

    flat: Flat
    tensors: tuple[TensorRecord, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    operations: tuple[Operation, ...]
    others: int
    written_out: int = 0

    def integers(self, index: int, most: int = 64) -> tuple[int, ...] | None:
        """Return the 32-bit numbers of a constant; None where it is none, or has too many."""
        tensor = self.tensors[index]
        if not tensor.constant or BITS.get(tensor.type) != 32 or tensor.elements > most:
            return None
        if tensor.content.length != 4 * tensor.elements:
            raise Damaged(
                tensor.at,
                f"a constant of {tensor.elements} numbers has {tensor.content.length} bytes",
            )
        return self.flat.numbers(tensor.content.at, tensor.elements, INT)


def read_model(data: Bytes) -> MainGraph:
    """Return what a file holds; raise Damaged for bytes that are no such file."""
    if len(data) < 8 or data[4:8] != IDENTIFIER:
        raise Damaged(4, "this is not a TensorFlow Lite model: it has no TFL3 here")
    flat = Flat(data)
    root = flat.root()
    subgraphs = root.tables(2)
    if not subgraphs:
        raise Damaged(root.at, "the model has no subgraph")
    words = [_word(code) for code in root.tables(1)]
    contents = [_content(buffer) for buffer in root.tables(4)]
    main = subgraphs[0]
    tensors = tuple([_tensor(table, contents) for table in main.tables(0)])
    if main.vector(3, 4).length > MOST_OPERATIONS:
        raise Damaged(main.at, f"more than {MOST_OPERATIONS} operations")
    operations = tuple([_operation(table, words, len(tensors)) for table in main.tables(3)])
    inputs, outputs = (_indices(main, field, len(tensors)) for field in (1, 2))
    if not inputs or not outputs:
        raise Damaged(main.at, "the model has no input or no output")
    return MainGraph(flat, tensors, inputs, outputs, operations, len(subgraphs) - 1)


def _word(code: FlatTable) -> str:
    number = max(code.number(0, BYTE), code.number(3))
    if number == CUSTOM:
        own = "".join([c if c.isalnum() and c.isascii() else "_" for c in code.text(1)[:60]])
        return f"custom_{own.lower()}" if own else "custom"
    return OPERATIONS[number] if 0 <= number < len(OPERATIONS) else f"operation_{number}"


def _content(buffer: FlatTable) -> Vector:
    """Return where a buffer lies: within its table, or after all of them."""
    within = buffer.vector(0, 1)
    offset, size = buffer.number(1, ULONG), buffer.number(2, ULONG)
    if within.length or offset <= 1:
        return within
    buffer.flat.within(offset, size)
    return Vector(offset, size)


def _tensor(table: FlatTable, contents: list[Vector]) -> TensorRecord:
    sizes, buffer = table.numbers(0), table.number(2, UINT)
    if len(sizes) > _MOST_AXES or any(size < 0 for size in sizes) or prod(sizes) > _LARGEST:
        raise Damaged(table.at, f"no tensor can have the sizes {[*sizes[:9]]}")
    if buffer >= len(contents):
        raise Damaged(table.at, f"a tensor is in buffer {buffer}, and the file has {len(contents)}")
    variable = bool(table.number(5, UBYTE))
    open_ = {axis for axis, size in enumerate(table.numbers(7)) if axis and size < 0}
    sizes = tuple([0 if axis in open_ else size for axis, size in enumerate(sizes)])
    return TensorRecord(
        table.text(3), sizes, table.number(1, BYTE), contents[buffer], variable, table.at
    )


def _operation(table: FlatTable, words: list[str], tensors: int) -> Operation:
    code = table.number(0, UINT)
    if code >= len(words):
        raise Damaged(table.at, f"an operation has code {code}, and the file lists {len(words)}")
    inputs = _indices(table, 1, tensors, least=-1)
    return Operation(words[code], inputs, _indices(table, 2, tensors), table.inner(4), table.at)


def _indices(table: FlatTable, field: int, tensors: int, least: int = 0) -> tuple[int, ...]:
    indices = table.numbers(field)
    for index in indices:
        if not least <= index < tensors:
            raise Damaged(table.at, f"tensor {index} is named, and the model has {tensors}")
    return indices
