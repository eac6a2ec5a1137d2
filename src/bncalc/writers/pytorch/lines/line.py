"""A line: one op as source of PyTorch, the module that it needs and its call."""

from __future__ import annotations

import re
from ast import literal_eval
from collections.abc import Callable, Iterator, Sequence
from math import isfinite

from bncalc.model.literal import Expression, literal
from bncalc.model.op import Op
from bncalc.model.shape import Shape
from bncalc.model.window import spread
from bncalc.named import NamedTuple

FieldValue = int | float | bool | str | tuple[int, ...]
LineArguments = tuple[tuple[str, FieldValue], ...]
"""Names and values of a constructor's call; those whose name is empty stand by position."""

USUAL: dict[str, FieldValue] = {
    "stride": 1,
    "padding": 0,
    "output_padding": 0,
    "dilation": 1,
    "groups": 1,
    "bias": True,
    "ceil_mode": False,
    "bidirectional": False,
    "gain": False,
    "scale": 1,
    "num_layers": 1,
    "mode": "nearest",
    "eps": 1e-5,
    "negative_slope": 0.01,
    "alpha": 1,
    "beta": 1,
    "count_include_pad": True,
    "align_corners": False,
    "fixed": "",
    "indices": "",
    "masks": "",
}
"""What PyTorch, or a class of ours, takes for an argument that is not given."""


class Line(NamedTuple):
    """One op as source. `module` is a constructor with its `arguments`, or empty.

    In a call `{m}` is the op's module or parameter, `{0}`, `{1}` … are the maps that arrive, and
    `{heads[3]}` is a number and what to call it where other layers of a class have another.
    Maps have the batch first: a map of C channels and axes of positions is N × C × positions.
    """

    call: str
    module: str = ""
    arguments: LineArguments = ()
    steps: tuple[str, ...] = ()
    """Statements that its constructor follows."""

    @property
    def is_bare(self) -> bool:
        """Whether its module is made of no arguments: an activation, where others have another."""
        return self.call == "{m}({0})" and self.module.startswith("nn.") and not self.arguments

    @property
    def construction(self) -> str:
        """The constructor's call."""
        return constructed(self.module, written(self.arguments))

    @property
    def learned(self) -> LineArguments:
        """The names of the states that its module learns, and their sizes; none if that is all."""
        if self.module == "IndexedBias":
            *sizes, _ = [value for _, value in self.arguments]
            return (("table", tuple([size for size in sizes if isinstance(size, int)])),)
        fixed = str(dict(self.arguments).get("fixed", "")).split()
        made = [name for name, value in self.arguments if isinstance(value, Expression)]
        if self.module != "States" or not (fixed or made):
            return ()
        others = (*fixed, *made, *STATE_KINDS)
        return tuple([each for each in self.arguments if each[0] not in others])

    @property
    def holds_zeros(self) -> bool:
        """Whether its module holds numbers that are not learned, and are zeros in the file."""
        return self.module in _FIXED or bool(dict(self.arguments).get("fixed"))

    @property
    def form(self) -> tuple[str, ...]:
        """The call, the statements and the expressions without their numbers."""
        made = [value for _, value in self.arguments if isinstance(value, Expression)]
        texts = (self.call, *map(numbered, (*self.steps, *made)))
        return tuple([_NUMBER.sub(r"{\1}", each) for each in texts])

    @property
    def values(self) -> list[tuple[str, FieldValue]]:
        """The names and values in its constructor, those of statements and expressions apart.

        The value of a bare module is itself.
        """
        if self.is_bare:
            return [("activation", Expression(self.module))]
        given = (*[("", Expression(step)) for step in self.steps], *self.arguments)
        return [each for name, value in given for each in _values(name, value)]

    @property
    def numbers(self) -> list[tuple[str, int | float]]:
        """What the numbers of the call are called, and they themselves, in order."""
        return _numbers(self.call)

    def called(self, maps: Sequence[str], module: str = "", numbers: Sequence[str] = ()) -> str:
        """Return the call of a module with maps, its numbers as they are or as other texts."""
        call = filled(self.call, iter(numbers)) if numbers else _NUMBER.sub(r"\2", self.call)
        return _SUBSCRIPT.sub(_spaced, call).format(*maps, m=module)


def _values(name: str, value: FieldValue) -> list[tuple[str, FieldValue]]:
    return [*_numbers(numbered(value))] if isinstance(value, Expression) else [(name, value)]


def _numbers(text: str) -> list[tuple[str, int | float]]:
    return [(name, literal_eval(number)) for name, number in _NUMBER.findall(text)]


_NUMBER = re.compile(r"\{([a-z]+)\[([^]]+)\]\}")
_VALUE = re.compile(r"(?<![\w.{])(?![01](?![\d.e]))(\d+(\.\d+)?(e[-+]?\d+)?)(?![\w.}])")
"""A number in a text that is likely another where a model repeats it in other sizes."""
_SUBSCRIPT = re.compile(r"\[[^][]*self\.[^][]*\]")


def numbered(text: str) -> str:
    """Return a text with what to call its numbers, but for 0 and 1."""
    return _VALUE.sub(lambda value: f"{{{'value' if value[2] else 'size'}[{value[1]}]}}", text)


def filled(text: str, numbers: Iterator[str]) -> str:
    """Return a text with other texts in place of its numbers, in brackets if they are operands."""

    def filling(number: re.Match[str]) -> str:
        given, before = next(numbers), text[max(number.start() - 2, 0) : number.start()].rstrip()
        is_apart = before[-1:] in _OPENING and text[number.end() : number.end() + 1] in _CLOSING
        return given if is_apart or re.fullmatch(r"[\w.]+(-\d+)?", given) else f"({given})"

    return _NUMBER.sub(filling, text)


_OPENING, _CLOSING = ("", *"([,:="), ("", *")],:")


def _spaced(subscript: re.Match[str]) -> str:
    """Return a subscript, slices of which that are more than numbers have space around colons."""
    slices = subscript[0][1:-1].split(", ")
    spaced = [
        re.sub(r"(?<!:):(?=\w)", ": ", re.sub(r"(?<=\w):", " :", each)) if "self." in each else each
        for each in slices
    ]
    return f"[{', '.join(spaced)}]"


def number(name: str, value: float) -> str:
    """Return a number as it stands in a call, and what to call it."""
    return f"{{{name}[{value!r}]}}" if isfinite(value) else literal(value)


def sizes_text(sizes: Sequence[int], name: str = "size") -> str:
    """Return sizes as they stand in a call."""
    return ", ".join([number(name, size) for size in sizes])


def held(*sizes: int) -> LineArguments:
    """Return the sizes of a tensor that a module holds, as arguments."""
    return tuple([("", size) for size in sizes]) or (("", ()),)


STATE_KINDS = ("fixed", "indices", "masks")
"""Arguments of a module of states that say what each of them is."""
TENSORS = {
    "buffer": "torch.zeros({})",
    "constant": "{}",
    "index": "torch.zeros({}, dtype=torch.long)",
    "mask": "torch.zeros({}, dtype=torch.bool)",
    "parameter": "nn.Parameter(torch.zeros({}))",
}
"""What stands for a module that is a tensor, and how that is made."""
_FIXED = ("buffer", "index", "mask", "IndexedBias", "PartlyBiased")
ZEROS = "# Fixed numbers are zeros here: copy the model's; a checkpoint may lack them."
"""What a file says where a module holds numbers that are not learned."""
Write = Callable[[Op, tuple[Shape, ...], Shape], Line | str]
"""An op, the shapes that arrive and the one that it puts out → its line, or why it has none."""


def constructed(module: str, arguments: str) -> str:
    """Return what makes a module, or the tensor that stands for one."""
    return TENSORS[module].format(arguments) if module in TENSORS else f"{module}({arguments})"


def written(arguments: LineArguments) -> str:
    """Write arguments, without those that are as usual."""
    shown = [(name, value) for name, value in arguments if not is_usual(name, value)]
    return ", ".join([(name and f"{name}=") + literal(value) for name, value in shown])


def is_usual(name: str, value: FieldValue) -> bool:
    """Return whether PyTorch would take the value for an argument that is not given."""
    return name in USUAL and USUAL[name] == value


def even(sizes: tuple[int, ...]) -> FieldValue:
    """Return one number where all axes have the same."""
    return sizes[0] if len(set(sizes)) == 1 else sizes


def sizes_of(op: Op, name: str, axes: int) -> tuple[int, ...]:
    """Return a field of an op as a size for each axis."""
    sizes: tuple[int, ...] = getattr(op, name)
    return spread(sizes, axes, name)


def last(call: str) -> str:
    """Return a call that works on channels as the last axis."""
    return call.replace("{0}", "{0}.movedim(1, -1)") + ".movedim(-1, 1)"
