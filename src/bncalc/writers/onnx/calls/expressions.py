"""Expressions: a line of PyTorch, its maps and what it has learned, becomes operations of ONNX."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from inspect import signature
from math import inf, nan
from textwrap import shorten
from typing import Any

from bncalc.errors import ShapeError
from bncalc.model.op import Op
from bncalc.writers.onnx.calls.arithmetic import (
    ARITHMETIC,
    div,
    floor_divide,
    join,
    negated,
    power,
    remainder,
)
from bncalc.writers.onnx.calls.gathering import GATHERING
from bncalc.writers.onnx.calls.held import Held
from bncalc.writers.onnx.calls.making import MAKING
from bncalc.writers.onnx.calls.moves import MOVES, OnnxFunction, indexed, stretches
from bncalc.writers.onnx.calls.norms import NORMS
from bncalc.writers.onnx.calls.products import PRODUCTS, matmul
from bncalc.writers.onnx.calls.tensors import OnnxTensor, Unwritable, joined
from bncalc.writers.onnx.calls.windows import WINDOWS, unfold
from bncalc.writers.onnx.maker import Maker
from bncalc.writers.pytorch.lines.line import Line

_FUNCTIONS: dict[str, OnnxFunction] = {
    **ARITHMETIC,
    **GATHERING,
    **MAKING,
    **MOVES,
    **NORMS,
    **PRODUCTS,
    **WINDOWS,
    "unfold": unfold,
}
_METHODS: dict[str, OnnxFunction] = {**_FUNCTIONS, "unfold": stretches}
_SIGNS: dict[type[ast.AST], OnnxFunction] = {
    ast.Add: join("Add"),
    ast.BitAnd: ARITHMETIC["logical_and"],
    ast.BitOr: ARITHMETIC["logical_or"],
    ast.Div: div,
    ast.Eq: join("Equal"),
    ast.FloorDiv: floor_divide,
    ast.Gt: join("Greater"),
    ast.GtE: join("GreaterOrEqual"),
    ast.Lt: join("Less"),
    ast.LtE: join("LessOrEqual"),
    ast.MatMult: matmul,
    ast.Mod: remainder,
    ast.Mult: join("Mul"),
    ast.NotEq: lambda maker, a, b: negated(maker, joined(maker, "Equal", a, b)),
    ast.Pow: power,
    ast.Sub: join("Sub"),
}


def written(maker: Maker, line: Line, like: Op | None, maps: list[OnnxTensor]) -> OnnxTensor:
    """Write a line on the maps that arrive; raise Unwritable for what ONNX or bncalc has not.

    `like` is an op of ours that its module is, done to each map of a batch.
    """
    return _Reading(maker, line, like, maps).made()


class _Reading(ast.NodeVisitor):
    """Reads source of a line: each function of it becomes operations, its values are tensors."""

    def __init__(self, maker: Maker, line: Line, like: Op | None, maps: list[OnnxTensor]) -> None:
        self._maker, self._line = maker, line
        self._held = Held(maker, line, like, self._source)
        names = [f"map{i}" for i in range(len(maps))]
        self._call = line.called(names, _HELD)
        self._values: dict[str, Any] = dict(zip(names, maps, strict=True))

    def made(self) -> OnnxTensor:
        for step in self._line.steps:
            name, source = step.split(" = ", 1)
            self._values[name] = self._source(source)
        made = self._source(self._call)
        assert isinstance(made, OnnxTensor), self._call
        return made

    def _source(self, text: str) -> Any:
        return self.visit(ast.parse(text, mode="eval").body)

    def visit(self, node: ast.AST) -> Any:
        """Return the value of a part of the line; what nobody foresaw of one is a refusal of it."""
        try:
            return super().visit(node)
        except _UNFORESEEN as error:
            text = shorten(ast.unparse(node), _LONGEST, placeholder=" …")
            raise Unwritable(f"bncalc cannot write {text} as ONNX") from error

    def generic_visit(self, node: ast.AST) -> Any:
        raise TypeError(f"a line has no {type(node).__name__}")

    def visit_Constant(self, node: ast.Constant) -> Any:
        return node.value

    def visit_Name(self, node: ast.Name) -> Any:
        return self._held.tensor() if node.id == _HELD else self._values[node.id]

    def visit_Tuple(self, node: ast.Tuple) -> Any:
        return tuple([self.visit(item) for item in node.elts])

    def visit_List(self, node: ast.List) -> Any:
        return [self.visit(item) for item in node.elts]

    def visit_Slice(self, node: ast.Slice) -> Any:
        ends = (node.lower, node.upper, node.step)
        return slice(*[None if each is None else self.visit(each) for each in ends])

    def visit_UnaryOp(self, node: ast.UnaryOp) -> Any:
        value = self.visit(node.operand)
        if isinstance(node.op, ast.Invert):
            return negated(self._maker, value)
        return self._function(_METHODS, "neg", [value], {}) if _is_tensor(value) else -value

    def visit_BinOp(self, node: ast.BinOp) -> Any:
        return self._joined(node.op, self.visit(node.left), self.visit(node.right))

    def visit_Compare(self, node: ast.Compare) -> Any:
        return self._joined(node.ops[0], self.visit(node.left), self.visit(node.comparators[0]))

    def _joined(self, sign: ast.AST, a: Any, b: Any) -> Any:
        if _is_tensor(a) or _is_tensor(b):
            if type(sign) not in _SIGNS:
                raise Unwritable(f"bncalc cannot write {type(sign).__name__} as ONNX")
            return _SIGNS[type(sign)](self._maker, a, b)
        return _NUMBERS[type(sign)](a, b)

    def visit_Attribute(self, node: ast.Attribute) -> Any:
        match node.value:
            case ast.Name("torch"):
                return {"inf": inf, "nan": nan}[node.attr]
            case ast.Name(held) if held == _HELD and not self._held.is_tensor:
                return self._held.state(node.attr)
        value = self.visit(node.value)
        return (
            value.dims if node.attr == "shape" else self._function(_METHODS, node.attr, [value], {})
        )

    def visit_Subscript(self, node: ast.Subscript) -> Any:
        value, key = self.visit(node.value), self.visit(node.slice)
        if _is_tensor(value):
            return indexed(self._maker, value, key if type(key) is tuple else (key,))
        return value[key]() if callable(value[key]) else value[key]

    def visit_Call(self, node: ast.Call) -> Any:
        given = [self.visit(each) for each in node.args]
        named = {str(each.arg): self.visit(each.value) for each in node.keywords}
        match node.func:
            case ast.Name("slice"):
                return slice(*given)
            case ast.Name(name) if name == _HELD:
                return self._held.called(*given)
            case (
                ast.Name(name)
                | ast.Attribute(ast.Name("torch" | "F"), name)
                | ast.Attribute(ast.Attribute(ast.Name("torch")), name)
            ):
                return self._function(_FUNCTIONS, name, given, named)
            case ast.Attribute(owner, name):
                return self._function(_METHODS, name, [self.visit(owner), *given], named)
        raise Unwritable(f"bncalc cannot write {ast.unparse(node.func)} as ONNX")

    def _function(
        self, table: Mapping[str, OnnxFunction], name: str, given: list[Any], named: dict[str, Any]
    ) -> Any:
        """Return what a function makes of its arguments, all of which it must know."""
        write = table.get(name)
        if write is None:
            raise Unwritable(f"bncalc cannot write {name} as ONNX")
        try:
            signature(write).bind(self._maker, *given, **named)
        except TypeError:
            told = f" with {' and '.join(named)}" if named else ""
            raise Unwritable(f"bncalc cannot write {name}{told} as ONNX") from None
        return write(self._maker, *given, **named)


def _is_tensor(value: Any) -> bool:
    return isinstance(value, OnnxTensor)


_HELD = "held"
_UNFORESEEN = (ArithmeticError, AttributeError, LookupError, ShapeError, TypeError, ValueError)
_LONGEST = 60
"""Characters of a part of a line that are told of it."""
_NUMBERS: dict[type[ast.AST], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Mult: operator.mul,
    ast.Pow: operator.pow,
    ast.Sub: operator.sub,
}
