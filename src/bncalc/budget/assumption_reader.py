"""Assumptions: the part of a budget file that says under which its models are measured."""

from __future__ import annotations

from typing import TypeVar, get_args

from bncalc.analysis.arena.runtime import RUNTIMES, ConverterPadding
from bncalc.analysis.assumptions import DTYPES, OPTIMIZERS, STANDARD, Assumptions, Policy, policy_of
from bncalc.budget.budgets import ASSUME_KEYS
from bncalc.errors import UsageError, suggest
from bncalc.language.nodes import ScalarNode, SequenceNode, YamlNode
from bncalc.language.reader import NodeReader, seen
from bncalc.model.fields import input_shape
from bncalc.model.shape import Shape
from bncalc.synonyms import meant

_ASSUMED: dict[str, tuple[str, ...]] = {
    "dtype": tuple(DTYPES),
    "activation_dtype": tuple(DTYPES),
    "optimizer": tuple(OPTIMIZERS),
    "convention": (STANDARD.convention,),
    "runtime": tuple(RUNTIMES),
    "pad": get_args(ConverterPadding),
}
"""The choices where there are some."""
_DEPLOYED = {"dtype": "dtype", "runtime": "runtime", "pad": "padding"}
"""What is assumed of models on a device, by the name of the field of a target."""
Word = TypeVar("Word", bound=str)


class AssumptionReader(NodeReader):
    """Reads `assume:`, and values that are one of a few words."""

    def assume(self, node: YamlNode | None) -> tuple[Assumptions, Shape | None]:
        keys = dict(self.keyed_mapping(node, "assume", ASSUME_KEYS, "key")) if node else {}
        assumed: dict[str, object] = {}
        for key, value in keys.items():
            if key == "batch":
                assumed[key] = self.whole(value, key)
            elif key == "policy":
                assumed[key] = self.policy(value)
            elif key == "fold_norm":
                assumed[key] = self.choice(value, key, ("true", "false")) == "true"
            elif key != "input":
                assumed[key] = self.choice(value, key, _ASSUMED[key])
        kept = {key: value for key, value in assumed.items() if value is not None}
        deployed = {name: kept[key] for key, name in _DEPLOYED.items() if key in kept}
        for key in ("runtime", "pad"):
            kept.pop(key, None)
        target = STANDARD.target._replace(**deployed)  # type: ignore[arg-type]
        input = self.input(keys["input"]) if "input" in keys else None
        return STANDARD._replace(target=target, **kept), input  # type: ignore[arg-type]

    def policy(self, node: YamlNode) -> Policy | None:
        text = self.text(node, "policy")
        try:
            return policy_of(text) if text else None
        except UsageError as error:
            self.report(node.location, str(error))
            return None

    def input(self, node: YamlNode) -> Shape | None:
        value: object = node.value if isinstance(node, ScalarNode) else None
        if isinstance(node, SequenceNode):
            value = [size.value if isinstance(size, ScalarNode) else None for size in node.items]
        try:
            return input_shape(value)
        except UsageError as error:
            self.report(node.location, str(error))
            return None

    def whole(self, node: YamlNode, what: str) -> int | None:
        if isinstance(node, ScalarNode) and type(node.value) is int and 1 <= node.value <= 10**9:
            return node.value
        self.report(
            node.location, f"{what} is {seen(node)}; it must be a whole number of at least 1"
        )
        return None

    def choice(self, node: YamlNode, what: str, known: tuple[Word, ...]) -> Word | None:
        written = node.text if isinstance(node, ScalarNode) else ""
        for word in known:
            if word in (written, meant(written, known)):
                return word
        right = suggest(written, known) or f"; it must be one of {', '.join(known)}"
        self.report(node.location, f"{what} is {seen(node)}{right}")
        return None
