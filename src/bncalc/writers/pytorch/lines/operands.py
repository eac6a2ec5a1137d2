"""Operands: what a map is added to or multiplied by that is no map: learned, fixed, or a number."""

from __future__ import annotations

from itertools import dropwhile
from math import isqrt, prod
from struct import pack, unpack

from bncalc.model.ops.foreign import Facts
from bncalc.model.shape import Shape
from bncalc.writers.pytorch.lines.line import Line, held, number
from bncalc.writers.pytorch.lines.views import resized

SIGNS = {"add": "+", "multiply": "*", "subtract": "-", "divide": "/"}
_CALLED = {"*": "scale", "/": "divisor"}
"""What a number is called that maps are joined with."""
_OFFSETS = "relative_position({0}, {m}, %d)"
"""Scores with the numbers of a table, which the helper finds by offset in windows of one size."""


NUMBERS = "the numbers with which it changes its map are not known"


def operand(facts: Facts, inputs: tuple[Shape, ...], output: Shape) -> Line | str:
    """Join a map with learned numbers: one a channel, one an element, or some of a longer table.

    That is what other people's models add and multiply by; of any other numbers nobody knows.
    """
    params, sign = facts.cost.params, SIGNS[facts.word]
    if facts.options and len(inputs) == 1:
        return _with_constant(facts, inputs[0], output)
    if inputs != (output,):
        return changed(inputs, output)
    if not params:
        return NUMBERS
    shapes = {output.elements: output, output.channels: output.single(output.channels)}
    if params in shapes:
        return Line(f"{{0}} {sign} {{m}}", "parameter", held(1, *shapes[params]))
    line = _from_table(params, output) if sign == "+" else None
    return line or f"how its {params:,} learned numbers apply to a map of {output} is not known"


def _with_constant(facts: Facts, x: Shape, output: Shape) -> Line | str:
    """Join a map with a number, or with numbers of known sizes: learned, of a table, or fixed."""
    (name, value), *_ = facts.options
    sign, params = SIGNS[facts.word], facts.cost.params
    other = "{m}"
    if not isinstance(value, (tuple, str)):
        other = number(_CALLED.get(sign, "other"), single(value))
    call = f"{{0}} {sign} {other}" if name == "second" else f"{other} {sign} {{0}}"
    if not isinstance(value, tuple):
        return Line(call if x == output else resized(f"({call})", x, output))
    if params in (0, prod(value)):
        return Line(call, "parameter" if params else "buffer", held(1, *value))
    channels, *positions = [*dropwhile(lambda size: size == 1, value)] or [1]
    rows, left = divmod(params, channels)
    if left or sign != "+" or not positions:
        return f"how its {params:,} learned numbers apply to a map of {output} is not known"
    return Line("{m}({0})", "IndexedBias", (("", channels), ("", rows), ("", tuple(positions))))


def _from_table(params: int, output: Shape) -> Line | None:
    """Return the sum with some numbers of a longer table: the first, or by offset or index."""
    rows, left = divmod(params, output.channels)
    window = isqrt(output.space[-1]) if output.space else 0
    if left or output.axes not in (1, 2):
        return None
    if output.axes == 1 and rows > output.positions:
        call = f"{{0}} + {{m}}[..., :{output.positions}]"
        return Line(call, "parameter", held(1, output.channels, rows))
    if window**2 == output.space[-1] and rows == (2 * window - 1) ** 2:
        return offsets(window, output.channels)
    sizes = (("", output.channels), ("", rows), ("", tuple(output.space)))
    return Line("{m}({0})", "IndexedBias", sizes) if output.axes == 2 else None


def offsets(window: int, heads: int) -> Line:
    """Return the addition of what attention has learned of offsets in windows of one size."""
    side = 2 * window - 1
    return Line(_OFFSETS % window, "parameter", held(heads, side, side))


def changed(inputs: tuple[Shape, ...], output: Shape) -> str:
    arriving = " and ".join(map(str, inputs)) or "nothing"
    return f"how it makes {output} from {arriving} is not known"


def single(number: float) -> float:
    """Return the shortest number that is the same in single precision, if that is all it has."""
    if _rounded(number) != number:
        return number
    tried = [float(f"{number:.{digits}g}") for digits in range(1, 10)]
    return next((each for each in tried if _rounded(each) == number), number)


def _rounded(number: float) -> float:
    """Return a number in single precision; one that is too large for that as it is."""
    try:
        (single,) = unpack("f", pack("f", number))
    except OverflowError:
        return number
    return float(single)
