"""What varies in a space file: lists of values, ranges, steps and powers."""

from __future__ import annotations

from decimal import Decimal

from bncalc.language.nodes import MappingNode, ScalarNode, SequenceNode, YamlNode
from bncalc.language.reader import NodeReader, seen
from bncalc.number import is_number
from bncalc.search.axis import MOST_VALUES, Axis, Steps, listed

_RANGE = {
    "from": "the first value",
    "to": "the last value at most",
    "by": "the step; 1 for whole numbers",
    "scale": "`log`: draw values evenly by their logarithm",
    "powers": "the base of which the values are powers",
}
_MOST_POWERS = 1_000


class AxesReader(NodeReader):
    """Reads the values of each name, and reports all that is wrong with them."""

    def axes(self, node: YamlNode | None) -> tuple[Axis, ...]:
        axes = [self.axis(key, value) for key, value in self.mapping(node, "vary", least=1)]
        return tuple([axis for axis in axes if axis is not None])

    def axis(self, key: ScalarNode, node: YamlNode) -> Axis | None:
        if isinstance(node, MappingNode):
            return self.range(key.text, node)
        nodes = node.items if isinstance(node, SequenceNode) else (node,)
        values = tuple([self.plain(item) for item in nodes])
        if not values:
            self.report(node.location, f"{key.text} has no values")
            return None
        return listed(key.text, values)

    def plain(self, node: YamlNode) -> object:
        if isinstance(node, SequenceNode):
            return tuple([self.plain(item) for item in node.items])
        if isinstance(node, MappingNode):
            self.report(node.location, "a value is a number, a word or a list")
            return None
        return node.value

    def range(self, name: str, node: MappingNode) -> Axis | None:
        parts = dict(self.keyed(node, _RANGE, "key"))
        for key in ("from", "to"):
            if key not in parts:
                self.report(node.location, f"{name} has no `{key}:`")
        numbers = {
            key: self.decimal(part, f"{name}.{key}")
            for key, part in parts.items()
            if key in ("from", "to", "by", "powers")
        }
        start, stop = numbers.get("from"), numbers.get("to")
        if start is None or stop is None or None in numbers.values():
            return None
        if start > stop:
            self.report(
                node.location,
                f"{name} goes from {start} down to {stop}; `from` must be at most `to`",
            )
            return None
        by_logarithm = self.scale(parts.get("scale"), name, start)
        if "powers" in numbers:
            return self.powers(name, node, start, stop, numbers["powers"] or Decimal(0))
        return self.steps(name, node, start, stop, numbers.get("by"), by_logarithm)

    def steps(
        self,
        name: str,
        node: YamlNode,
        start: Decimal,
        stop: Decimal,
        by: Decimal | None,
        by_logarithm: bool,
    ) -> Axis | None:
        whole = start == start.to_integral_value() and stop == stop.to_integral_value()
        if by is None and not whole:
            self.report(node.location, f"{name} is a range of fractions; it needs a `by:`")
            return None
        by = Decimal(1) if by is None else by
        if by <= 0 or (stop - start) / by >= MOST_VALUES:
            self.report(
                node.location,
                f"{name}.by is {by}; it must be above 0 and give at most {MOST_VALUES:,} values",
            )
            return None
        span = Steps(start, stop, by)
        return Axis(name, span, f"{span}{' by logarithm' if by_logarithm else ''}", by_logarithm)

    def powers(
        self, name: str, node: YamlNode, start: Decimal, stop: Decimal, base: Decimal
    ) -> Axis | None:
        if not base > 1 or not start > 0:
            self.report(
                node.location,
                f"{name} has powers of {base} from {start}; `powers` must be over 1, `from` over 0",
            )
            return None
        values: list[int | float] = []
        value = start
        while value <= stop:
            if len(values) == _MOST_POWERS:
                self.report(node.location, f"{name} has more than {_MOST_POWERS:,} powers")
                return None
            values.append(int(value) if value == value.to_integral_value() else float(value))
            value *= base
        return listed(name, values)

    def scale(self, node: YamlNode | None, name: str, start: Decimal) -> bool:
        if node is None:
            return False
        if self.text(node, f"{name}.scale") != "log" or not start > 0:
            self.report(
                node.location, f"{name}.scale must be `log`, with `from` above 0, or be left out"
            )
        return True

    def decimal(self, node: YamlNode, what: str) -> Decimal | None:
        if isinstance(node, ScalarNode) and is_number(node.value) and abs(node.value) < 10**18:
            return Decimal(repr(node.value))
        self.report(node.location, f"{what} is {seen(node)}; it must be a number below 10^18")
        return None
