"""Numbers as people read them: thousands apart, bytes in KiB and MiB, ratios and shares."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bncalc.model.shape import collapsed
from bncalc.quantity import exact


def count(number: int) -> str:
    """Write a whole number exactly: 589,824."""
    return f"{number:,}"


def si(number: int) -> str:
    """Write a count in k, M, G, T = 10³, 10⁶, 10⁹, 10¹², to four digits: 4.089 G."""
    return _scaled(number, 1000, ("", "k", "M", "G", "T", "P"))


def short(number: int) -> str:
    """Write a count in k, M, G, T to three digits, where there is little room: 1.85 G."""
    return _scaled(number, 1000, ("", "k", "M", "G", "T", "P"), digits=3)


def size(number: int) -> str:
    """Write bytes in KiB, MiB, GiB: 2.25 MiB; small ones exactly."""
    return _scaled(number, 1024, ("B", "KiB", "MiB", "GiB", "TiB", "PiB"))


def duration(seconds: float) -> str:
    """Write a time in s, ms, µs or ns, to three digits: 1.23 ms."""
    for unit, name in ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs")):
        if seconds >= 0.9995 * unit:
            scaled = seconds / unit
            return f"{scaled:,.0f} {name}" if scaled >= 999.5 else f"{scaled:.3g} {name}"
    return f"{seconds * 1e9:.3g} ns"


def ratio(value: float) -> str:
    """Write a ratio to the baseline: ÷8.47 or 1.67×; = where it is the same."""
    if value in (0, 1):
        return "=" if value else "0×"
    return f"÷{_digits(1 / value)}" if value < 1 else f"{_digits(value)}×"


def share(part: int, whole: int) -> str:
    """Write a share of a total to a tenth of a percent: 12.3 %; – where there is nothing to share.

    It is never rounded to the other side of the whole: a part that is a little less has 99.9 %.
    """
    if not whole:
        return "–"
    tenths = _tenths(part, whole)
    if part > whole:
        tenths = max(tenths, 1001)
    elif part < whole:
        tenths = min(tenths, 999)
    return _percent(tenths)


def amount(value: Any, unit: str, write: Callable[[int], str] = count) -> str:
    """Write an amount of a metric's unit for people; `write` is for counts: `count` or `si`."""
    match unit:
        case "bytes":
            return size(value)
        case "seconds":
            return duration(value)
        case "number":
            return f"{value:,.1f}"
        case _:
            return write(value)


def signed(number: int, unit: str = "count") -> str:
    """Write a change with its sign, to the last digit: +846,080."""
    return f"{sign(number)}{exact(abs(number), unit)}"


def sign(change: float) -> str:
    """Return the sign of a change: + or −, which is as wide; nothing before 0."""
    return "+" if change > 0 else "−" if change < 0 else ""


def growth(old: int, new: int) -> str:
    """Write a change in percent of what was: +24.1 %, −<0.1 %."""
    if old == new or not old:
        return "unchanged" if old == new else "from nothing"
    tenths = _tenths(abs(new - old), old)
    return sign(new - old) + (_percent(tenths) if tenths else "<0.1 %")


def sides(value: object) -> str:
    """Write a size of one or two directions: 3, 3×1."""
    value = collapsed(value)
    return "×".join(map(str, value)) if isinstance(value, tuple) else str(value)


def percent(share: float) -> str:
    """Write a share: 0.123 is 12.3 %."""
    return f"{100 * share:.1f} %"


def bar(share: float, width: int) -> str:
    """Draw a share, to an eighth of a character."""
    full, rest = divmod(round(8 * width * share), 8)
    return "█" * full + ("▏▎▍▌▋▊▉"[rest - 1] if rest else "")


def _tenths(part: int, whole: int) -> int:
    """Return tenths of a percent, rounded half up, in exact integers."""
    return (2000 * part + whole) // (2 * whole)


def _percent(tenths: int) -> str:
    return f"{tenths // 10:,}.{tenths % 10} %"


def _digits(value: float) -> str:
    return f"{value:,.2f}" if value < 100 else f"{value:,.0f}"


def _scaled(number: int, step: int, names: tuple[str, ...], digits: int = 4) -> str:
    """Scale in exact integers to at most so many digits; a half is rounded away from zero."""
    power = 0
    while abs(number) >= step ** (power + 1) and power < len(names) - 1:
        power += 1
    if power and power < len(names) - 1 and 2 * abs(number) >= (2 * step - 1) * step**power:
        power += 1  # 999,999 is 1.000 M
    unit, name = step**power, names[power]
    if power == 0:
        return f"{number:,} {name}".rstrip()
    for decimals in (3, 2, 1, 0) if step == 1000 else (2, 1, 0):
        shifted = (2 * abs(number) * 10**decimals + unit) // (2 * unit)
        whole, rest = divmod(shifted, 10**decimals)
        text = f"{whole:,}.{rest:0{decimals}}" if decimals else f"{whole:,}"
        if len(text.replace(".", "").replace(",", "")) <= digits:
            break
    return f"{'−' if number < 0 else ''}{text} {name}"
