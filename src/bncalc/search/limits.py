"""Limits: what a design may cost at most, or must at least."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from bncalc.analysis.metric import METRICS, Metric, limitable, metric_named
from bncalc.errors import UsageError
from bncalc.model.device import Device
from bncalc.named import NamedTuple
from bncalc.quantity import quantity, size_text


class SearchLimit(NamedTuple):
    """A number that a metric is at most, or at `least`; `word` is the metric's."""

    word: str
    number: Fraction
    written: str
    least: bool = False

    @property
    def metric(self) -> Metric:
        return METRICS[self.word]

    def excess(self, amount: Any) -> Any:
        """Return by how much an amount is beyond the limit; not above 0 where it keeps it."""
        return self.whole - amount if self.least else amount - self.whole

    @property
    def whole(self) -> int:
        """The limit in whole numbers, which amounts are."""
        return -(-self.number // 1) if self.least else self.number // 1

    def __str__(self) -> str:
        return f"{self.metric.title} {'≥' if self.least else '≤'} {self.written}"


def limits_of(most: Iterable[str], least: Iterable[str]) -> tuple[SearchLimit, ...]:
    """Read --max and --min; raise UsageError for what is not METRIC=QUANTITY."""
    limits = [limit_of("--max", text) for text in most]
    return (*limits, *[limit_of("--min", text)._replace(least=True) for text in least])


def sizes_of(device: Device) -> tuple[SearchLimit, ...]:
    """Return the RAM and flash of a microcontroller as limits."""
    return tuple([SearchLimit(word, Fraction(n), size_text(n)) for word, n in device.sizes])


def limits_in(limits: Mapping[str, object]) -> tuple[SearchLimit, ...]:
    """Read {METRIC: QUANTITY} or {METRIC: {"min": QUANTITY, "max": QUANTITY}}."""
    read = []
    for name, amount in limits.items():
        sides = amount if isinstance(amount, Mapping) else {"max": amount}
        for side, written in sides.items():
            if side not in ("min", "max"):
                raise UsageError(f"limits of {name}: {side!r} is neither 'min' nor 'max'")
            limit = limit_of(f"{side} of", f"{name}={written}")
            read.append(limit._replace(least=side == "min"))
    return tuple(read)


def limit_of(option: str, text: str) -> SearchLimit:
    """Read METRIC=QUANTITY."""
    name, equals, written = text.partition("=")
    if not equals:
        raise UsageError(f"{option} {text}: write METRIC=QUANTITY, as in macs=300M")
    metric = metric_named(name.strip(), limitable())
    return SearchLimit(metric.word, _number(f"{option} {text}", metric, written), written.strip())


def _number(where: str, metric: Metric, written: str) -> Fraction:
    try:
        read = quantity(written, metric.quantity)
    except ValueError as error:
        raise UsageError(f"{where}: {error}") from None
    if read.share:
        raise UsageError(
            f"{where}: write an amount; there is no total that {written} could be a share of"
        )
    return read.number


def keeps(limits: Iterable[SearchLimit], amounts: Mapping[str, Any]) -> bool:
    """Return whether amounts, by the word of the metric, keep all limits."""
    return all(limit.excess(amounts[limit.word]) <= 0 for limit in limits)
