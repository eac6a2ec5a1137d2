"""Space files: `model:`, what to `vary:`, and `set:`, `where:`, `limits:` about the designs."""

from __future__ import annotations

from decimal import Decimal
from typing import TypeGuard

from bncalc.analysis.metric import Metric, limitable, metric_called, sweepable
from bncalc.errors import SpecError, UsageError
from bncalc.language.nodes import MappingNode, ScalarNode, SequenceNode, YamlNode
from bncalc.language.reader import NodeReader, seen
from bncalc.model.field_types import Integer
from bncalc.model.fields import Field
from bncalc.named import NamedTuple
from bncalc.number import is_number
from bncalc.opening.name import TORCH
from bncalc.quantity import quantity
from bncalc.search.axis import MOST_VALUES, Axis, Steps, listed, range_of
from bncalc.search.limits import SearchLimit
from bncalc.search.rule import SpaceRule, parsed

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
        if isinstance(node, ScalarNode) and isinstance(node.value, str):
            try:
                span = range_of(key.text, node.text)
            except UsageError as error:
                self.report(node.location, str(error).removeprefix("--vary "))
                return None
            if span is not None:
                return span
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


_KEYS = {
    "description": "what the space is, in a sentence",
    "source": "where its facts come from",
    "model": "the MODEL whose values vary",
    "vary": "what varies: a list of values, A:B:STEP, or {from, to, by}",
    "set": "values that expressions compute from those that vary",
    "where": "conditions that must all be true",
    "limits": "what a design may cost: {macs: 300M, params: {min: 1M, max: 4M}}",
    "metrics": "the numbers to show",
    "sample": "how many designs to draw; the whole grid if not given",
    "seed": "the seed to draw them with",
}
_SAMPLE = Field("sample", Integer(1, 10**12), None, "")
_SEED = Field("seed", Integer(0, 2**63 - 1), 0, "")


class WrittenSpace(NamedTuple):
    """What a space file says."""

    model: str
    axes: tuple[Axis, ...]
    rules: tuple[SpaceRule, ...]
    conditions: tuple[SpaceRule, ...]
    limits: tuple[SearchLimit, ...]
    words: tuple[str, ...]
    sample: int | None
    seed: int


def is_space(root: YamlNode) -> TypeGuard[MappingNode]:
    """Return whether a file is a space: a mapping that says what to vary, or of which model."""
    keys = ("vary", "model")
    return isinstance(root, MappingNode) and any(root.get(key) is not None for key in keys)


def read_space(root: YamlNode) -> WrittenSpace:
    """Return what a space file says; raise SpecError with all that is wrong in it."""
    reader = _Reader([])
    written = reader.space(root)
    if reader.problems:
        raise SpecError(reader.problems)
    return written


class _Reader(AxesReader):
    def space(self, root: YamlNode) -> WrittenSpace:
        keys = dict(self.keyed_mapping(root, "a space file", _KEYS, "key"))
        if "model" not in keys:
            self.report(root.location, "the space has no `model:`")
        return WrittenSpace(
            model=self.model(keys["model"]) if "model" in keys else "",
            axes=self.axes(keys.get("vary")),
            rules=self.rules(keys.get("set")),
            conditions=self.conditions(keys.get("where")),
            limits=self.limits(keys.get("limits")),
            words=self.words(keys.get("metrics")),
            sample=self.number(keys.get("sample"), _SAMPLE),
            seed=self.number(keys.get("seed"), _SEED) or 0,
        )

    def model(self, node: YamlNode) -> str:
        name = self.text(node, "model")
        if name.startswith(TORCH):
            right = "name it on the command line, and what varies by --vary"
            self.report(node.location, f"{name} runs Python code, which no file may; {right}")
        return name

    def rules(self, node: YamlNode | None) -> tuple[SpaceRule, ...]:
        pairs = self.mapping(node, "set")
        rules = [self.rule(key.text, value) for key, value in pairs]
        return tuple([rule for rule in rules if rule is not None])

    def conditions(self, node: YamlNode | None) -> tuple[SpaceRule, ...]:
        if node is None:
            return ()
        nodes = node.items if isinstance(node, SequenceNode) else (node,)
        rules = [self.rule("", item) for item in nodes]
        return tuple([rule for rule in rules if rule is not None])

    def rule(self, name: str, node: YamlNode) -> SpaceRule | None:
        text = self.text(node, name or "a condition")
        if not text:
            return None
        try:
            return SpaceRule(name, parsed(name or "where", text))
        except UsageError as error:
            self.report(node.location, str(error))
            return None

    def limits(self, node: YamlNode | None) -> tuple[SearchLimit, ...]:
        limits: list[SearchLimit] = []
        for key, value in self.mapping(node, "limits"):
            word = self.word(key, limitable())
            if word is None:
                continue
            sides: list[tuple[str, YamlNode]] = [("max", value)]
            if isinstance(value, MappingNode):
                sides = self.keyed(value, ("min", "max"), "key")
            read = [self.limit(word, side, amount) for side, amount in sides]
            limits += [limit for limit in read if limit is not None]
        return tuple(limits)

    def limit(self, word: str, side: str, node: YamlNode) -> SearchLimit | None:
        metric = next(metric for metric in limitable() if metric.word == word)
        try:
            read = quantity(self.text(node, word), metric.quantity)
        except ValueError as error:
            self.report(node.location, f"{word}: {error}")
            return None
        if read.share:
            self.report(node.location, f"{word} is {read.written}; it must be an amount")
        return SearchLimit(word, read.number, read.written, side == "min")

    def words(self, node: YamlNode | None) -> tuple[str, ...]:
        if node is None:
            return ()
        nodes = node.items if isinstance(node, SequenceNode) else (node,)
        words = [self.word(item, sweepable()) for item in nodes if isinstance(item, ScalarNode)]
        return tuple([word for word in words if word is not None])

    def word(self, node: ScalarNode, among: tuple[Metric, ...]) -> str | None:
        metric = metric_called(node.text, among)
        if metric is None:
            self.unknown(node, [metric.word for metric in among], "metric")
            return None
        return metric.word

    def number(self, node: YamlNode | None, field: Field) -> int | None:
        if node is None:
            return None
        try:
            accepted = field.accept(node.value if isinstance(node, ScalarNode) else None)
        except ValueError as error:
            self.report(node.location, str(error))
            return None
        assert isinstance(accepted, int)
        return accepted
