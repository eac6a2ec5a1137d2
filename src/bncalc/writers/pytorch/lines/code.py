"""Code: calls of functions as somebody else's model has them, on views of maps."""

from __future__ import annotations

import re

from bncalc.model.graph import Code, Constant, View
from bncalc.model.literal import Expression
from bncalc.model.shape import Shape
from bncalc.writers.pytorch.lines.line import Line, held, numbered
from bncalc.writers.pytorch.lines.views import Sizes, resized, turned

_SIGNS = {"add": "+", "div": "/", "matmul": "@", "mul": "*", "pow": "**", "sub": "-"}
_JOINED = re.compile(rf"torch\.({'|'.join(_SIGNS)})\((\{{\w\}}), (\{{\w\}})\)")
"""A function of two tensors that has a sign of its own."""
_PLACE = re.compile(r"\{(\d+)\}")


def code_line(code: Code, inputs: tuple[Shape, ...], output: Shape) -> Line:
    """Return the line of a call: maps as its tensors, the call, and what it makes as a map."""
    tensors = [
        _tensor(f"{{{i}}}", tuple(shape), view)
        for i, (shape, view) in enumerate(zip(inputs, code.inputs, strict=True))
    ]
    joined = _JOINED.fullmatch(code.call)
    if joined and all(f"{{{i}}}" == text for i, text in enumerate(tensors)):
        call = f"{joined[2]} {_SIGNS[joined[1]]} {joined[3]}"
    else:
        call = _PLACE.sub(lambda place: tensors[int(place[1])], numbered(code.call))
    back = _map(call if is_closed(call) else f"({call})", code.output, tuple(output))
    line = Line(call if back.startswith("(") and back[1:-1] == call else back)
    return _with(code.constants, line) if code.constants else line


def _tensor(text: str, shape: Sizes, view: View) -> str:
    """Return a map of a shape as a tensor that is a view of it."""
    if len(view.order) < 2:
        return resized(text, shape, view.dims)
    sizes = tuple([view.sizes[axis] for axis in view.order])
    return resized(resized(text, shape, view.sizes) + turned(view.order), sizes, view.dims)


def _map(text: str, view: View, shape: Sizes) -> str:
    """Return a tensor as the map of a shape that it is a view of."""
    if len(view.order) < 2:
        return resized(text, view.dims, shape)
    sizes = tuple([view.sizes[axis] for axis in view.order])
    back = tuple([view.order.index(axis) for axis in range(len(view.order))])
    return resized(resized(text, view.dims, sizes) + turned(back), view.sizes, shape)


def is_closed(call: str) -> bool:
    """Return whether what follows a call with a dot belongs to all of it."""
    depth = 0
    for letter in call:
        depth += (letter in "([") - (letter in ")]")
        if letter == " " and not depth:
            return False
    return True


def _with(constants: tuple[Constant, ...], line: Line) -> Line:
    """Return a line with the constants that its call reads."""
    steps = [step for each in constants for step in each.formula.split("\n")[:-1]]
    line = line._replace(steps=tuple(steps))
    if constants[0].name:
        stored = [each for each in constants if not each.formula]
        fixed = " ".join([each.name for each in stored if not each.learned])
        indices, masks = (
            " ".join([each.name for each in stored if each.dtype == dtype])
            for dtype in ("long", "bool")
        )
        states = [(each.name, _made(each) or each.dims) for each in constants]
        arguments = (*states, ("fixed", fixed), ("indices", indices), ("masks", masks))
        return line._replace(module="States", arguments=arguments)
    (constant,) = constants
    dims, learned = constant.dims, constant.learned
    if constant.formula:
        return line._replace(module="constant", arguments=(("", _made(constant)),))
    if constant.dtype:
        module = "mask" if constant.dtype == "bool" else "index"
        return line._replace(module=module, arguments=held(*dims))
    return line._replace(module="parameter" if learned else "buffer", arguments=held(*dims))


def _made(constant: Constant) -> Expression:
    return Expression(constant.formula.rpartition("\n")[2])
