"""Space files: `model:`, what to `vary:`, and `set:`, `where:`, `limits:` about the designs."""

from __future__ import annotations

from typing import TypeGuard

from bncalc.analysis.metric import Metric, limitable, metric_called, sweepable
from bncalc.errors import SpecError, UsageError
from bncalc.language.nodes import MappingNode, ScalarNode, SequenceNode, YamlNode
from bncalc.model.field_types import Integer
from bncalc.model.fields import Field
from bncalc.named import NamedTuple
from bncalc.opening.name import TORCH
from bncalc.quantity import quantity
from bncalc.search.axes_reader import AxesReader
from bncalc.search.axis import Axis
from bncalc.search.limits import SearchLimit
from bncalc.search.rule import SpaceRule, parsed

_KEYS = {
    "description": "what the space is, in a sentence",
    "source": "where its facts come from",
    "model": "the MODEL whose values vary",
    "vary": "what varies: a list of values, or {from, to, by}",
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
