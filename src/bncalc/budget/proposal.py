"""A proposal: a budget file for models as they are, or the limits of one, tightened."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from fractions import Fraction
from math import ceil

from bncalc.analysis.metric import METRICS, metric_named
from bncalc.analysis.report import Report
from bncalc.budget.budgets import FILE_VERSION
from bncalc.budget.verdict import Verdict
from bncalc.errors import Location, UsageError
from bncalc.language.nodes import MappingNode, ScalarNode, SequenceNode, YamlNode
from bncalc.language.source import read
from bncalc.model.fields import describe
from bncalc.named import NamedTuple
from bncalc.printable import printable
from bncalc.quantity import UNITS, Unit, quantity, written

LIMITED = ("params", "macs", "weights", "peak")
_COUNTS = ("T", "G", "M", "k", "")
_BYTES = ("GiB", "MiB", "KiB", "B")
_DIGITS = 3


class Proposed(NamedTuple):
    """A model as the call names it, and its designs."""

    model: str
    reports: tuple[Report, ...]
    runs_code: bool = False

    def needs(self) -> Iterator[str]:
        """Say with which options alone `bncalc check` holds the model to its limits."""
        if self.runs_code:
            yield "it runs Python code: check it with --allow-code"
        ops = dict.fromkeys(layer.op for report in self.reports for layer in report.uncounted)
        if ops:
            unknown = f"the cost of {', '.join(ops)} is not known"
            yield f"{unknown}: check it with --allow-uncounted, which counts it as 0"


def proposal(
    models: Iterable[Proposed], headroom: Fraction, assumed: Mapping[str, object] | None = None
) -> str:
    """Return the text of a budget file that allows models what they have and some headroom.

    Without headroom the limits are the exact numbers; with it they are rounded up. `assumed` is
    what the numbers rest on, where that is not the usual.
    """
    assume = ", ".join(
        f"{key}: {_text(value) if isinstance(value, str) else describe(value)}"
        for key, value in (assumed or {}).items()
    )
    lines = [
        "# yaml-language-server: $schema=bncalc.budget.schema.json",
        "# `bncalc schema budget -o bncalc.budget.schema.json` writes that schema.",
        f"version: {FILE_VERSION}",
        *([f"assume: {{{assume}}}"] if assume else []),
        "base: {ref: origin/main}  # what `growth:` is measured against",
        "budgets:",
    ]
    for each in models:
        name = _text(each.model)
        lines += [f"  # {printable(need)}" for need in each.needs()]
        lines += [f"  - name: {name}", f"    models: {name}", "    limits:"]
        for metric in LIMITED:
            now = max(METRICS[metric].total(report) for report in each.reports)
            written = roomy(now, headroom, METRICS[metric].quantity)
            lines.append(f"      {metric}: {written}")
    return "\n".join(lines) + "\n"


def roomy(now: int, headroom: Fraction, unit: Unit) -> str:
    """Write what there is and some headroom, as a budget file does; never less."""
    if headroom:
        return _rounded_up(ceil(now * (1 + headroom)), unit)
    return written(now, unit)


def _rounded_up(number: int, unit: Unit) -> str:
    """Write a number in three digits or a few more, rounded up."""
    names = _COUNTS if unit == "count" else _BYTES
    name = next(name for name in names if UNITS[unit][name] <= max(number, 1))
    size = UNITS[unit][name]
    whole = len(str(number // size))
    scale = 10 ** max(_DIGITS - whole, 0)
    shown = ceil(Fraction(number * scale, size))
    digits, rest = divmod(shown, scale)
    decimals = f".{rest:0{len(str(scale)) - 1}}".rstrip("0").rstrip(".") if rest else ""
    space = " " if unit == "bytes" else ""
    return f"{digits}{decimals}{space}{name}"


def _text(name: str) -> str:
    """Write a text so that YAML reads it as that text; raise UsageError if it cannot hold it."""
    if any(0xD800 <= ord(letter) <= 0xDFFF for letter in name):
        raise UsageError(f"{printable(name)} is not UTF-8, and no budget file can name it")
    if not name.isprintable():
        quoted = name.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{printable(quoted)}"'
    plain = name.replace("/", "").replace(".", "").replace("_", "").replace("-", "")
    if plain.isalnum() and plain[:1].isalpha() and plain not in ("true", "false", "null"):
        return name
    return "'" + name.replace("'", "''") + "'"


def tightened(text: str, path: str, verdict: Verdict, headroom: Fraction) -> str:
    """Return the text of a budget file with limits lowered to what there is; all else stays.

    `verdict` is that of the file. Shares, lower bounds and growth stay too, and no limit is raised.
    """
    now: dict[Location, int] = {}
    for check in verdict.checks:
        if check.rule in ("BN101", "BN102"):  # a number is held to a share too where one warns
            place = check.budget_location
            now[place] = max(now.get(place, 0), check.value)
    lines = text.splitlines(keepends=True)
    limits = {node.location: (node, key) for node, key in _limits(read(text, path), now)}
    for location, (scalar, key) in sorted(limits.items(), reverse=True):
        unit = metric_named(key.text).quantity
        lower = roomy(now[key.location], headroom, unit)
        if quantity(lower, unit).number < quantity(scalar.text, unit).number:
            line, at = lines[location.line - 1], location.column - 1 + (not scalar.plain)
            if line.startswith(scalar.text, at):
                line = line[:at] + lower + line[at + len(scalar.text) :]
                lines[location.line - 1] = line
    return "".join(lines)


def _limits(node: YamlNode, places: Container[Location]) -> Iterator[tuple[ScalarNode, ScalarNode]]:
    """Yield every upper limit with the metric that it is for, whose places are given."""
    if isinstance(node, SequenceNode):
        for item in node.items:
            yield from _limits(item, places)
    elif isinstance(node, MappingNode):
        for key, value in node.entries:
            if key.location not in places:
                yield from _limits(value, places)
                continue
            bounds = value.entries if isinstance(value, MappingNode) else ((None, value),)
            for word, limit in bounds:
                if word is not None and word.text not in ("max", "warn"):
                    continue
                if isinstance(limit, ScalarNode) and not limit.text.rstrip().endswith("%"):
                    yield limit, key
