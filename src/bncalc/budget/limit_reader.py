"""Limits: the part of a budget file that says how much of which metric there may be."""

from __future__ import annotations

import os
from fractions import Fraction
from itertools import pairwise

from bncalc.analysis.assumptions import DTYPES
from bncalc.analysis.metric import Metric, limitable, metric_called
from bncalc.budget.budgets import GROWTH_KEYS, LIMIT_KEYS, Limit
from bncalc.disk import DISK
from bncalc.errors import Location, Problem, SpecError, UsageError
from bncalc.files import Files
from bncalc.language.device import open_chip
from bncalc.language.nodes import MappingNode, ScalarNode, SequenceNode, YamlNode
from bncalc.language.reader import NodeReader, seen
from bncalc.model.device import Device
from bncalc.quantity import Quantity, quantity, size_text
from bncalc.work_tree import leads_out

_Quantities = dict[str, tuple[Quantity, Location]]


class LimitReader(NodeReader):
    """Reads limits and growth; what cannot hold in their scope is a problem too."""

    def limits(self, node: YamlNode, *, growth: bool, scope: str) -> tuple[Limit, ...]:
        what = "growth" if growth else "limits"
        if not isinstance(node, MappingNode) or not node.entries:
            right = "a mapping of metrics, such as `params: 4M`"
            self.report(node.location, f"{what} is {seen_empty(node)}; it must be {right}")
            return ()
        limits: list[Limit] = []
        for key, value in node.entries:
            metric = self.metric(key)
            if metric is None:
                continue
            if scope != "model" and metric.layers is None:
                message = f"{key.text} is a number of whole models; a {scope} has none"
                self.report(key.location, message)
            elif growth:
                limits += self.growth(metric, key, value)
            else:
                limits += self.limit(metric, key, value, scope)
        return tuple(limits)

    def metric(self, key: ScalarNode) -> Metric | None:
        """Return the metric of a name; report it if there is none to limit."""
        known = limitable()
        metric = metric_called(key.text, known)
        if metric is None:
            self.unknown(key, [metric.word for metric in known], "metric")
        return metric

    def limit(self, metric: Metric, key: ScalarNode, node: YamlNode, scope: str) -> list[Limit]:
        """Return the rules that the limits of a metric come to: at most, at least."""
        values = self.quantities(metric, key, node, LIMIT_KEYS)
        for written, at in values.values():
            if written.share:
                self.share(written, at, scope)
        self.in_order(values)
        hard, warn, least = (self.value(values, word) for word in LIMIT_KEYS)
        rules = []
        if hard or warn:
            rules.append(Limit("max", metric.word, hard, warn, key.location))
        if least:
            rules.append(Limit("min", metric.word, least, None, key.location))
        return rules

    def growth(self, metric: Metric, key: ScalarNode, node: YamlNode) -> list[Limit]:
        values = self.quantities(metric, key, node, GROWTH_KEYS)
        self.in_order(values)
        hard, warn = (self.value(values, word) for word in GROWTH_KEYS)
        return [Limit("growth", metric.word, hard, warn, key.location)] if hard or warn else []

    def quantities(
        self, metric: Metric, key: ScalarNode, node: YamlNode, known: dict[str, str]
    ) -> _Quantities:
        """Return what is written for a metric, by its word; a bare quantity is a `max`."""
        values: list[tuple[str, YamlNode]] = [("max", node)]
        if isinstance(node, MappingNode):
            values = self.keyed(node, known, "key")
            if not node.entries:
                self.report(
                    node.location, f"{key.text} is an empty mapping; it takes {', '.join(known)}"
                )
        quantities = {}
        for word, value in values:
            if read := self.quantity(value, metric, key.text):
                quantities[word] = (read, value.location)
        return quantities

    def value(self, values: _Quantities, word: str) -> Quantity | None:
        return values[word][0] if word in values else None

    def share(self, written: Quantity, at: Location, scope: str) -> None:
        if scope == "model":
            right = "percentages are shares of a model, for `scope: stage`, `block` or `layer`"
            self.report(at, f"a model is 100% of itself, never {written.written}; {right}")
        elif written.number > 1:
            message = f"a part has at most 100% of its model, never {written.written}"
            self.report(at, message)

    def in_order(self, values: _Quantities) -> None:
        """Report a limit that another one makes idle, or that nothing can keep."""
        words = [word for word in ("min", "warn", "max") if word in values]
        for lower, upper in pairwise(words):
            (low, at), (high, _) = values[lower], values[upper]
            if low.share == high.share and low.number > high.number:
                self.report(at, f"{lower} {low.written} is above {upper} {high.written}")

    def quantity(self, node: YamlNode, metric: Metric, name: str) -> Quantity | None:
        if not isinstance(node, ScalarNode):
            self.report(node.location, f"{name} is {seen(node)}; it must be a quantity")
            return None
        try:
            return quantity(node.text, metric.quantity)
        except ValueError as error:
            self.report(node.location, f"{name}: {error}")
            return None


def seen_empty(node: YamlNode) -> str:
    """Say what stands there, and whether it is empty."""
    if isinstance(node, ScalarNode):
        return seen(node)
    empty = not (node.items if isinstance(node, SequenceNode) else node.entries)
    return f"an empty {seen(node).removeprefix('a ')}" if empty else seen(node)


def device_of(
    name: str, folder: str, location: Location, files: Files
) -> tuple[str | None, Device]:
    """Return the device that a budget names: a shipped one, or a file seen from its folder.

    The path is that of the file, if it is one.

    Raises SpecError for what is wrong in that file, for a file out of the repository, and for a
    device without RAM.
    """
    path = os.path.normpath(os.path.join(folder, name))  # noqa: PTH118 - as in `locate`
    is_file = files.exists(path)
    if is_file and files is DISK and leads_out(path, folder or os.curdir):
        message = (
            f"{path} is outside the repository; a budget can name a device file inside it only"
        )
        raise SpecError([Problem(location, message)])
    try:
        device = open_chip(path if is_file else name, DTYPES, files)
    except UsageError as error:
        raise SpecError([Problem(location, str(error))]) from None
    return (path if is_file else None), device


def device_limits(
    device: Device, location: Location, own: tuple[Limit, ...] = ()
) -> tuple[Limit, ...]:
    """Return the RAM and flash of a device as limits, and then a budget's own.

    A size that one of these does not exceed is left out.
    """
    most = {each.metric: each.hard.number for each in own if each.kind == "max" and each.hard}
    sizes = [
        Limit("max", word, Quantity(Fraction(size), False, size_text(size)), None, location)
        for word, size in device.sizes
        if word not in most or most[word] > size
    ]
    return (*sizes, *own)
