"""The values of a file that may be edited, and for each number others by their distance from it."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from bncalc.errors import Location
from bncalc.language.nodes import MappingNode, YamlNode
from bncalc.language.written_values import WrittenValue, quoted, written
from bncalc.model.reading import Request
from bncalc.named import NamedTuple

FURTHEST_UP = 8
"""How many times its present value a number is at most raised to."""
_OF_EIGHTS = 32
"""From here on people count widths in eights, as processors like them."""


class Direction(NamedTuple):
    """One direction from a written number. `at` and `step` count units of its last decimal place.

    Position 0 is the present value, position j the one j steps away; `last` is the furthest.
    """

    written: WrittenValue
    at: int
    places: int
    step: int

    def value(self, position: int) -> int | float:
        units = self.at + position * self.step
        return round(units / self.scale, self.places) if self.places else units

    def position(self, value: float) -> int:
        """Return the nearest position of a value."""
        return round((value * self.scale - self.at) / self.step)

    def change(self, position: float) -> float:
        """Return how far a position is from the present value, as a share of it."""
        return abs(position * self.step) / self.at

    @property
    def scale(self) -> int:
        """Units in 1."""
        return int(10**self.places)

    @property
    def rises(self) -> bool:
        return self.step > 0

    @property
    def last(self) -> int:
        span = (FURTHEST_UP - 1) * self.at if self.rises else self.at - 1
        return span // abs(self.step)

    @property
    def probes(self) -> tuple[int, ...]:
        """The positions where the value is about halved or doubled, and for groups a second try.

        That one takes away, or adds, the largest power of two that divides the value.
        """
        half = self.at if self.rises else self.at - self.at // 2
        spans = (max(half, abs(self.step)), self.at & -self.at)
        positions = [span // abs(self.step) for span in spans]
        return tuple(dict.fromkeys(at for at in positions if 0 < at <= self.last))


def axes(written: WrittenValue) -> tuple[Direction, ...]:
    """Return the directions to try, downwards first; none for what is not a number above zero.

    A kernel keeps its parity, for an even one in place of an odd one shifts the map. A 1 that the
    file gives a name, such as a width multiplier, can become 0.75; other whole numbers stay whole.
    """
    value = written.value
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < 10**9:
        return ()
    step = 2 if written.field is not None and written.field.name == "kernel" else 1
    down = Direction(written, round(value * 10 ** _places(written)), _places(written), -step)
    up = down._replace(step=step)
    if value == 1 and isinstance(value, int):
        up = Direction(written, 1, 0, step)
    return tuple([axis for axis in (down, up) if axis.last > 0])


def coarser(axis: Direction) -> Iterator[Direction]:
    """Return the axis, then those with ever larger steps that divide the present value."""
    yield axis
    step = abs(axis.step) * 2
    while axis.at % step == 0 and step <= axis.at:
        wider = axis._replace(step=step if axis.rises else -step)
        if wider.last:
            yield wider
        step *= 2


def eights(axis: Direction) -> Iterator[Direction]:
    """Yield the axis of the multiples of eight, for widths that are one and large enough."""
    written = axis.written
    is_width = _word(written) not in ("input", "repeat", *_SHAPING) and axis.places == 0
    if is_width and abs(axis.step) == 1 and axis.at >= _OF_EIGHTS and axis.at % 8 == 0:
        wider = axis._replace(step=8 if axis.rises else -8)
        if wider.last:
            yield wider


def nearest(keeps: Callable[[int], bool], over: Callable[[int], float], bad: int, good: int) -> int:
    """Return the position next to one that does not keep the bounds, between `bad` and `good`.

    `over` says by how much a position misses: the search follows the straight line between both
    ends, and halves the rest where that gains little.
    """
    slow = False
    while good - bad > 1:
        before, (low, high) = good - bad, (over(good), over(bad))
        middle = (good + bad) // 2
        if not slow and 0 < high < math.inf:
            middle = good - int((good - bad) * -low / (high - low))
        middle = min(max(middle, bad + 1), good - 1)
        if keeps(middle):
            good = middle
        else:
            bad = middle
        slow = not slow and (good - bad) * 2 > before
    return good


def beyond(axis: Direction, position: int, widths: frozenset[int]) -> list[int]:
    """Return positions beyond one at which to see whether what holds there holds from there on.

    They are the next, where least is to spare, the last, the middle, and the first two at which the
    value meets another width of the network, for there a block gains or loses a shortcut.
    """
    last = axis.last
    meeting = sorted(p for p in map(axis.position, widths) if position < p < last)[:2]
    return sorted({position + 1, *meeting, (position + last) // 2, last} - {position})


def _places(written: WrittenValue) -> int:
    """Return how many decimal places a number is varied in."""
    if isinstance(written.value, int):
        named = written.name.startswith(("vars.", "variants.", "define."))
        return 2 if written.value == 1 and named else 0
    mantissa = written.text.lower().partition("e")[0]
    return max(2, len(mantissa.partition(".")[2]))


_NAMED = ("vars.", "variants.", "defaults.", "define.")
_SHAPING = ("kernel", "stride", "dilation", "padding", "groups")
"""Fields that change what a layer is, and not how much of it there is."""


def candidates(root: YamlNode, request: Request) -> list[WrittenValue]:
    """Return the values that can matter to the design asked for, in written order.

    The size of the input counts once where both sides are the same: what one does the other does.
    """
    part = request.part
    others = tuple(f"{key}." for key in ("variants", "blocks") if part in _names(root, key))
    own = tuple(f"{other}{quoted(part)}." for other in others)
    left_out = (*others, "variants.", "input[", "inputs.")
    settled = {f"vars.{name}" for name in (*request.settings, *_names(root, "variants", part))}
    values = [
        value
        for value in written(root)
        if value.name.startswith(own)
        or not (value.name.startswith(left_out) or value.name.partition("[")[0] in settled)
    ]
    if request.input is None:
        sides = [value for value in written(root) if value.name in ("input[1]", "input[2]")]
        values += {side.value: side for side in reversed(sides)}.values()
    return values


def in_order(
    values: Iterable[WrittenValue], shares: Mapping[Location, float], changed: Collection[Location]
) -> tuple[list[WrittenValue], list[WrittenValue], list[WrittenValue]]:
    """Return values in the order in which a person would edit them: three kinds, each in order.

    They are what was `changed`, widths and depths, and the rest: kernels, strides, the input. In
    each what the file gives a name comes first, then what makes the largest share of the cost.
    """
    kinds: tuple[list[WrittenValue], list[WrittenValue], list[WrittenValue]] = ([], [], [])
    for value in values:
        other = 2 if value.name.startswith("input[") or _word(value) in _SHAPING else 1
        kinds[0 if value.location in changed else other].append(value)
    for kind in kinds:
        kind.sort(key=lambda value: (not value.name.startswith(_NAMED), -_share(value, shares)))
    return kinds


def _word(value: WrittenValue) -> str:
    """Return the last word of a name: `groups` of `vars.groups[1]`."""
    return value.name.partition("[")[0].rpartition(".")[2]


def _share(value: WrittenValue, shares: Mapping[Location, float]) -> float:
    """Return the share of the layers that an argument, or else its line, has placed."""
    at = value.location
    return shares.get(at, shares.get(at._replace(column=0), 0.0))


def _names(root: YamlNode, *keys: str) -> tuple[str, ...]:
    """Return the names in a mapping of the file, found by keys within keys."""
    node: YamlNode | None = root
    for key in keys:
        node = node.get(key) if isinstance(node, MappingNode) else None
    return tuple(key.text for key, _ in node.entries) if isinstance(node, MappingNode) else ()
