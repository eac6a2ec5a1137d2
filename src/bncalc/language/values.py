"""Values: what stands where an argument is wanted, read into arguments with their places."""

from __future__ import annotations

from bncalc.errors import ExpressionError, Location, Problem
from bncalc.language.nodes import MappingNode, ScalarNode, SequenceNode, YamlNode
from bncalc.language.reader import NodeReader
from bncalc.language.spec import UNREADABLE, Argument, Formula
from bncalc.model.fields import Field
from bncalc.named import new


class ValueReader(NodeReader):
    """Reads values and formulas, and checks literals against their fields."""

    def argument(self, node: YamlNode) -> Argument:
        value = self.value(node)
        return new(Argument, (value, node.location, not has_formula(value)))

    def value(self, node: YamlNode) -> object:
        if isinstance(node, SequenceNode):
            return tuple([self.value(item) for item in node.items])
        if isinstance(node, MappingNode):
            return {key.text: self.value(item) for key, item in node.entries}
        if isinstance(node.value, str) and node.value.startswith("="):
            return self.formula(node, node.value[1:])
        return node.value

    def formula(self, node: ScalarNode, text: str) -> object:
        from bncalc.language.parser import parse

        path, line, column = node.location
        start = Location(path, line, column + (1 if node.plain else 2))
        try:
            return Formula(parse(text), start)
        except ExpressionError as error:
            self.report(start._replace(column=start.column + error.offset), error.message)
            return UNREADABLE

    def checked(self, argument: Argument, field: Field) -> Argument | None:
        """Return the argument in canonical form if it is a literal; report one that cannot be."""
        if not argument.literal:
            return argument
        try:
            return new(Argument, (field.accept(argument.value), argument.location, True))
        except ValueError as error:
            self.report(argument.location, f"{error}{_as_formula(argument.value, field)}")
            return None


def _as_formula(value: object, field: Field) -> str:
    """Return that a text is written with `=`, if it is a formula and a number would be right.

    Signs that templates have around a name, `${width}`, are none of a formula.
    """
    from bncalc.language.parser import parse

    try:
        field.accept(1)
        if isinstance(value, str) and value.isascii():
            formula = value.strip("${} ")
            parse(formula)
            return f"; if it is a formula, write ={formula}"
    except (ValueError, ExpressionError):
        pass
    return ""


def argument_of(value: object, location: Location, problems: list[Problem]) -> Argument:
    """Return a value that is not written in a file as an argument; a formula is text."""
    return ValueReader(problems).argument(node_of(value, location))


def node_of(value: object, location: Location) -> YamlNode:
    """Return a value that is not written in a file as the node that it would be."""
    if isinstance(value, tuple):
        return SequenceNode(tuple([node_of(item, location) for item in value]), location)
    return ScalarNode(value, str(value), True, location)


def has_formula(value: object) -> bool:
    """Return whether a value, or one within it, is to be worked out."""
    if type(value) is tuple:
        return any(map(has_formula, value))
    if isinstance(value, dict):
        return any(map(has_formula, value.values()))
    return value is UNREADABLE or isinstance(value, Formula)
