"""Axes: the values that one name takes, as `--vary` and space files write them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from bncalc.errors import UsageError
from bncalc.model.fields import describe
from bncalc.named import NamedTuple
from bncalc.number import is_number, is_whole

MOST_VALUES = 10**7
_RANGE = "A:B:STEP or a,b,c"
_IN_NUMBERS = "write A:B:STEP in numbers, as in 0.5:2:0.25"
_OTHER_RANGE = re.compile(r"[\d.]*\d *(\.\.+|-|–|…|to) *[\d.]+")
"""Two numbers with what others write between them."""


class Steps(Sequence[int | float]):
    """The numbers from `start` to `stop` in equal steps, each exact to its last decimal place."""

    def __init__(self, start: Decimal, stop: Decimal, step: Decimal) -> None:
        self.start = start
        self.step = step
        exponents = (start.as_tuple().exponent, step.as_tuple().exponent)
        self.whole = all(isinstance(exponent, int) and exponent >= 0 for exponent in exponents)
        self._count = int((stop - start) / step) + 1

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, at: int) -> int | float:  # type: ignore[override]
        if not 0 <= at < self._count:
            raise IndexError(at)
        value = self.start + at * self.step
        return int(value) if self.whole else float(value)

    def column(self, places: Any) -> Any:
        """Return the numbers in an array of places, each as the one alone."""
        scale = 10 ** -min(0, *[int(part.as_tuple().exponent) for part in (self.start, self.step)])
        units = int(self.start * scale) + places * int(self.step * scale)
        return units if self.whole else units / scale

    def __str__(self) -> str:
        return f"{self.start} to {self[len(self) - 1]} by {self.step}"


class Axis(NamedTuple):
    """A name and its values; `written` says which they are.

    Drawn at random, each value is as likely, or each factor where it is `by_logarithm`.
    """

    name: str
    values: Sequence[object]
    written: str
    by_logarithm: bool = False


def axis_of(
    text: str, present: Callable[[str], object], read: Callable[[str, str], object]
) -> Axis:
    """Read what --vary says; raise UsageError where it cannot be read.

    `present` gives the value that a name has now, `read` what the text of a value means.
    """
    name, equals, written = text.partition("=")
    name = name.strip()
    if not name:
        raise UsageError(f"--vary {text}: write NAME={_RANGE}")
    if not equals:
        return around(name, present(name))
    if (span := range_of(name, written)) is not None:
        return span
    values = [read(name, part) for part in _parts(written)]
    if not written.strip():
        raise UsageError(f"--vary {text}: write NAME={_RANGE}")
    return Axis(name, tuple(values), written)


def range_of(name: str, written: str) -> Axis | None:
    """Return the axis of A:B or A:B:STEP, None for what is no range.

    Raises UsageError for a range that is written in another way, or cannot be.
    """
    text = f"{name}={written}"
    if _OTHER_RANGE.fullmatch(written.strip()):
        raise UsageError(f"--vary {text}: {_IN_NUMBERS}")
    if ":" not in written or written.strip().startswith(("[", "'", '"')):
        return None
    return Axis(name, steps(text, *written.split(":")), written)


def around(name: str, value: object) -> Axis:
    """Return the axis from a tenth to four times a value: whole numbers, or hundredths."""
    if not is_number(value) or not value > 0:
        seen = "is not a value of the model" if value is None else f"is {describe(value)} now"
        values = "[…],[…]" if isinstance(value, (list, tuple)) else _RANGE
        raise UsageError(f"--vary {name}: {name} {seen}; say which values: {name}={values}")
    exact = Decimal(repr(value))
    if is_whole(value):
        span = Steps(Decimal(-(-value // 10)), exact * 4, Decimal(1))
    else:
        first = max(Decimal("0.01"), (exact / 10).quantize(Decimal("0.01")))
        span = Steps(first, exact * 4, Decimal("0.01"))
    return Axis(name, span, str(span))


def steps(text: str, *parts: str) -> Steps:
    """Return the numbers of A:B or A:B:STEP; raise UsageError where there are none, or too many."""
    try:
        start, stop, *rest = [Decimal(part.strip()) for part in parts]
        step = rest[0] if rest else Decimal(1)
        fits = len(rest) < 2 and all(abs(number) < 10**18 for number in (start, stop, step))
    except (InvalidOperation, ValueError):
        fits = False
    if not fits:
        raise UsageError(f"--vary {text}: {_IN_NUMBERS}")
    if step <= 0 or start > stop:
        raise UsageError(f"--vary {text}: A must be at most B, and STEP more than 0")
    if (stop - start) / step >= MOST_VALUES:
        raise UsageError(f"--vary {text}: that is more than {MOST_VALUES:,} values")
    return Steps(start, stop, step)


def written_value(value: object) -> str:
    """Write a value as a call sets it: a word without quotes."""
    return value if isinstance(value, str) else describe(value)


def listed(name: str, values: Iterable[object]) -> Axis:
    """Return the axis of some values, one by one."""
    values = tuple(values)
    return Axis(name, values, ",".join(map(written_value, values)))


def _parts(text: str) -> Iterator[str]:
    """Split at commas that are in no bracket."""
    depth, part = 0, ""
    for letter in text:
        depth += (letter in "[{(") - (letter in ")}]")
        if letter == "," and not depth:
            yield part.strip()
            part = ""
        else:
            part += letter
    yield part.strip()
