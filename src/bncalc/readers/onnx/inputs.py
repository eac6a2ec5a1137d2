"""Inputs: the sizes that a model is looked at with, where its file leaves some open."""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import prod

from bncalc.errors import UsageError, hint_for
from bncalc.model.naming import input_meant
from bncalc.named import NamedTuple
from bncalc.quantity import listed
from bncalc.readers.onnx.flow import RECURRENT
from bncalc.readers.onnx.proto import Attribute, GraphProto
from bncalc.readers.onnx.tensor import LARGEST_SIZE
from bncalc.readers.onnx.value import DATA, SIZES, Dims, Value
from bncalc.readers.onnx.value_info import ValueProto

IMAGE = {4: ("channels", "height", "width"), 5: ("channels", "depth", "height", "width")}
"""What the axes behind the batch are called, by how many there are with it."""
_USUAL = {"channels": 3, "depth": 16, "height": 640, "width": 640}

Open = list[int | str | None]
Axes = list[tuple[str, int | str | None]]
"""What axes are called, with their sizes."""


class Inputs(NamedTuple):
    """What arrives, by name; the sizes of symbols; what was assumed."""

    values: Mapping[str, Value]
    symbols: Mapping[str, int]
    notes: tuple[str, ...]


def settle(
    graph: GraphProto, path: str, settings: Mapping[str, object], shape: Dims | None
) -> Inputs:
    """Return the inputs of a model, all sizes fixed; a batch that is open is 1.

    A setting is the size of a symbol, the sizes of an input, or the value of a single number, by
    name; `shape` is the first input without its batch. Raises UsageError for settings that there
    are not and for all sizes that must be given.
    """
    inputs = arriving(graph)
    for value in inputs:
        if value.kind:
            message = f"{path}: the input {value.name!r} is a {value.kind}"
            raise UsageError(f"{message}; models are read whose inputs are tensors")
    given = _by_name(inputs, path, settings)
    if shape is not None and inputs:
        given[inputs[0].name] = shape
    symbols = {name: _size(name, given[name]) for name in _symbols(inputs) if name in given}
    sizes = {value.name: _sizes(value, path, given.get(value.name), symbols) for value in inputs}
    notes = _settle_batches(sizes, symbols, _batch_axes(graph))
    for own in sizes.values():
        own[:] = [symbols.get(size, size) if isinstance(size, str) else size for size in own]
    open_ = {name: own for name, own in sizes.items() if not all(isinstance(n, int) for n in own)}
    if open_:
        raise UsageError(_missing(open_, path, inputs[0].name))
    values = {value.name: _value(value, sizes[value.name], given) for value in inputs}
    return Inputs(values, symbols, notes)


def arriving(graph: GraphProto) -> list[ValueProto]:
    """Return the inputs that are data; old files list their weights too."""
    held = {tensor.name for tensor in graph.tensors}
    return [value for value in graph.inputs if value.name not in held]


def _batch_axes(graph: GraphProto) -> dict[str, int]:
    """Return the axis of the batch by input, where it is not the first: of steps, and of states."""
    axes = {}
    for node in graph.nodes:
        if node.op in RECURRENT and not node.attributes.get("layout", Attribute()).value:
            axes.update(dict.fromkeys([*node.inputs[:1], *node.inputs[5:]], 1))
    return axes


def _settle_batches(
    sizes: Mapping[str, Open], symbols: dict[str, int], axes: Mapping[str, int]
) -> tuple[str, ...]:
    """Make every batch that is open 1, and its symbol; return what is to be said of it."""
    own_axes = [(own, axes.get(name, 0)) for name, own in sizes.items() if len(own) > 1]
    batches = [(own, axis) for own, axis in own_axes if not isinstance(own[axis], int)]
    if batches:  # a state of several layers has its batch behind these
        states = [own for own, axis in own_axes if not axis and len(own) > 2]
        states = [own for own in states if isinstance(own[0], int) and own[0] > 1]
        batches += [(own, 1) for own in states if own[1] is None]
    for own, axis in batches:
        size = own[axis]
        if isinstance(size, str):
            symbols.setdefault(size, 1)
        else:
            own[axis] = 1
    return ("the file does not fix the batch size; it is 1 here",) if batches else ()


def _by_name(
    arriving: list[ValueProto], path: str, settings: Mapping[str, object]
) -> dict[str, object]:
    """Return the settings by the model's own names, which may hold what a setting's may not."""
    names = [*_symbols(arriving), *[value.name for value in arriving]]
    words = {word(name): name for name in names}
    settings = {input_meant(name, words): given for name, given in settings.items()}
    for name in settings:
        if name not in words:
            raise UsageError(f"{path} has no setting {name!r}{hint_for(name, words)}")
    return {words[name]: given for name, given in settings.items()}


def _symbols(arriving: list[ValueProto]) -> list[str]:
    sizes = [size for value in arriving for size in value.dims or ()]
    return list(dict.fromkeys([size for size in sizes if isinstance(size, str)]))


def word(name: str) -> str:
    """Return a name as it can be set: `images.1` is `images_1`."""
    word = re.sub(r"\W", "_", name)
    return "_" + word if word[:1].isdigit() else word


def _size(name: str, given: object) -> int:
    if isinstance(given, int) and 1 <= given <= LARGEST_SIZE:
        return int(given)
    raise UsageError(f"{name} is {given!r}; it must be a whole number of at least 1")


def _sizes(value: ValueProto, path: str, given: object, symbols: dict[str, int]) -> Open:
    """Return the sizes of an input, those that are given in place; symbols learn from them.

    One of which the file does not even tell the axes is asked for as an image.
    """
    own: Open = [None] * 4 if value.dims is None else [*value.dims]
    if given is None or _is_single(value):
        return own
    sizes = [_size(value.name, size) for size in (given if isinstance(given, tuple) else (given,))]
    if value.dims is None:
        own = [None, *sizes]
    start = len(own) - len(sizes)
    if len(sizes) == 1 and len(own) > 2:
        start, sizes = 2, sizes * (len(own) - 2)
    elif start not in (0, 1):
        message = f"{path}: {len(sizes)} sizes are given for {value.name!r}"
        raise UsageError(f"{message}, which has {len(own)} axes with the batch")
    for axis, size in enumerate(sizes, start):
        symbol, own[axis] = own[axis], size
        if isinstance(symbol, str):
            symbols[symbol] = size
    return own


def _is_single(value: ValueProto) -> bool:
    """Tell whether an input is one number, whose value may decide a branch."""
    return value.dims is not None and all(size == 1 for size in value.dims)


def _value(value: ValueProto, sizes: Open, given: Mapping[str, object]) -> Value:
    dims = tuple([size for size in sizes if isinstance(size, int)])
    number = given.get(value.name)
    if number is None or not _is_single(value):
        return Value(value.type, dims, None, DATA)
    if not isinstance(number, (int, float)):
        raise UsageError(f"{value.name} is {number!r}; it must be a number")
    return Value(value.type, dims, (number,) * prod(dims), SIZES)


def _missing(open_: Mapping[str, Open], path: str, first: str) -> str:
    """Say which sizes are not fixed, and how to give all of them."""
    by_symbols: dict[str, list[str]] = {}
    by_axes: dict[str, Axes] = {}
    for name, sizes in open_.items():
        symbols = dict.fromkeys([size for size in sizes if isinstance(size, str)])
        if symbols and len(sizes) not in IMAGE:
            by_symbols.setdefault(listed([*symbols]), []).append(repr(name))
        else:
            by_axes[name] = _axes(sizes)
    left = [(symbols, listed(names)) for symbols, names in by_symbols.items()]
    for name, axes in by_axes.items():
        words = listed([axis for axis, size in axes if not isinstance(size, int)])
        left.append((words, repr(name)))
    said = [
        f"{words} of {of} {'are' if ' and ' in words else 'is'} not fixed" for words, of in left
    ]
    return f"{path}: {'; '.join(said)}; give {_way(open_, by_axes, path, first)}"


def _axes(sizes: Open) -> Axes:
    """Return what axes are called, and their sizes: of an image, whose channels may be last."""
    words = IMAGE.get(len(sizes))
    start = 1 if words or isinstance(sizes[0], int) else 0
    own = sizes[start:]
    if words and isinstance(own[-1], int) and not any(isinstance(n, int) for n in own[:-1]):
        words = (*words[1:], words[0])
    words = words or tuple([f"axis {axis}" for axis in range(start, len(sizes))])
    return [*zip(words, own, strict=True)]


def _way(open_: Mapping[str, Open], apart: Mapping[str, Axes], path: str, first: str) -> str:
    """Return what gives all sizes: the input alone, or settings of the model."""
    examples = {
        name: ",".join([str(n if isinstance(n, int) else _USUAL.get(w, 128)) for w, n in pairs])
        for name, pairs in apart.items()
    }
    if [*open_] == [*apart] == [first]:
        return f"--input {examples[first]}"
    sizes = [size for name, own in open_.items() if name not in apart for size in own]
    symbols = dict.fromkeys([size for size in sizes if isinstance(size, str)])
    settings = [f"@{word(symbol)}=128" for symbol in symbols]
    settings += [f"@{word(n) + '=' if n != first else ''}{own}" for n, own in examples.items()]
    return path + "".join(settings)
