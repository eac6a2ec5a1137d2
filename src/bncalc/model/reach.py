"""Reach: which positions of a map, or pixels of an image, one output position depends on."""

from collections.abc import Callable
from math import gcd
from typing import TYPE_CHECKING, Literal

from bncalc.model.pattern import LONGEST_PERIOD, Window
from bncalc.model.window import AxisSizes, paddings, spread
from bncalc.named import NamedTuple

if TYPE_CHECKING:
    from fractions import Fraction

FieldScope = Literal["window", "context", "whole", "unclear", "none"]


class Reach(NamedTuple):
    """What one output position reads of a map, or sees of the image, along each axis.

    The scope is a `window` that slides; a window with `context` from all of the map, as a gate
    gives it; the `whole` map; `unclear`; or `none`, of what is the same for every image. A window
    is None along an axis that is taken whole. An op that reads each position on its own has no
    windows, whatever the number of axes.
    """

    windows: tuple[Window | None, ...] = ()
    scope: FieldScope = "window"

    @property
    def slides(self) -> bool:
        return self.scope in ("window", "context")

    @property
    def size(self) -> tuple[int | None, ...] | None:
        """The size of the window along each axis, the largest where it varies.

        None where nothing slides, and along an axis that is taken whole; so are the other two.
        """
        return tuple([window and window.size for window in self.windows]) if self.slides else None

    @property
    def stride(self) -> "tuple[int | Fraction | None, ...] | None":
        """How far it is from one position to the next; a fraction after an enlargement."""
        return tuple([window and window.stride for window in self.windows]) if self.slides else None

    @property
    def padding(self) -> tuple[int | None, ...] | None:
        """How far before the image the window of position 0 begins."""
        return (
            tuple([window and -window.first[0] for window in self.windows]) if self.slides else None
        )

    def through(self, inner: "Reach") -> "Reach":
        """Return what is seen of the image, where `inner` reads a map that sees `self`."""
        if inner is POINTWISE or self is CONSTANT:
            return self
        if not (self.slides and inner.slides):
            return WHOLE if "whole" in (self.scope, inner.scope) else UNCLEAR
        scope: FieldScope = "context" if "context" in (self.scope, inner.scope) else "window"
        if not inner.windows:
            return Reach(self.windows, scope)
        if len(self.windows) != len(inner.windows):
            return UNCLEAR
        windows = []
        for seen, read in zip(self.windows, inner.windows, strict=True):
            window = None if seen is None or read is None else seen.through(read)
            if window is None and seen is not None and read is not None:
                return UNCLEAR
            windows.append(window)
        return Reach(tuple(windows), scope) if any(windows) else WHOLE


_POINT = Window((0,), (0,), 1)
POINTWISE = Reach()
"""Each position on its own."""
CONTEXTUAL = Reach((), "context")
"""Each position on its own, with statistics of all."""
WHOLE = Reach((), "whole")
"""All of the map."""
UNCLEAR = Reach((), "unclear")
"""Something that no window describes."""
CONSTANT = Reach((), "none")
"""Nothing: a map of learned or fixed numbers."""


def image(axes: int) -> Reach:
    """Return what a position of the image sees of it: itself."""
    return Reach((_POINT,) * axes)


def sliding(
    input: AxisSizes,
    kernel: AxisSizes,
    stride: AxisSizes,
    dilation: AxisSizes,
    padding: AxisSizes | str,
) -> Reach:
    """Return the reach of a convolution or pooling."""
    axes = len(input)
    kernel, stride = spread(kernel, axes, "kernel"), spread(stride, axes, "stride")
    dilation = spread(dilation, axes, "dilation")
    added = paddings(input, kernel, stride, dilation, padding)
    sides = zip(kernel, stride, dilation, added, strict=True)
    return Reach(tuple([Window((-at,), (d * (k - 1) - at,), s) for k, s, d, (at, _) in sides]))


def shifting(by: AxisSizes) -> Reach:
    """Return the reach of what moves a map: output i reads input i + `by`."""
    return Reach(tuple([Window((step,), (step,), 1) for step in by]))


def enlarging(factors: AxisSizes) -> Reach:
    """Return the reach of an enlargement in which a position is repeated."""
    return _periodic([Window((0,) * factor, (0,) * factor, 1) for factor in _short(factors)])


def repeating(input: AxisSizes, output: AxisSizes) -> Reach:
    """Return the reach of a resizing to the nearest position: output i reads floor(i·n/m)."""
    return _resizing(input, output, lambda i, n, m: (i * n // m,) * 2)


def interpolating(input: AxisSizes, output: AxisSizes) -> Reach:
    """Return the reach of a linear resizing: output i lies at (i + 1/2)·n/m − 1/2."""

    def around(i: int, n: int, m: int) -> tuple[int, int]:
        at = (2 * i + 1) * n - m
        return at // (2 * m), -(-at // (2 * m))

    return _resizing(input, output, around)


def cubic(input: AxisSizes, output: AxisSizes) -> Reach:
    """Return the reach of a cubic resizing: four positions around the place of a linear one."""

    def around(i: int, n: int, m: int) -> tuple[int, int]:
        below = ((2 * i + 1) * n - m) // (2 * m)
        return below - 1, below + 2

    return _resizing(input, output, around)


def _resizing(
    input: AxisSizes, output: AxisSizes, reads: Callable[[int, int, int], tuple[int, int]]
) -> Reach:
    """Return what each output reads, by its number and both sizes; the pattern repeats."""
    windows = []
    for n, m in zip(input, output, strict=True):
        period = m // gcd(n, m)
        spans = [reads(i, n, m) for i in range(period if period <= LONGEST_PERIOD else 0)]
        first, last = tuple([a for a, _ in spans]), tuple([b for _, b in spans])
        windows.append(Window(first, last, n * period // m))
    return _periodic(windows)


def transposed(
    kernel: AxisSizes, stride: AxisSizes, dilation: AxisSizes, padding: AxisSizes
) -> Reach:
    """Return the reach of a transposed convolution: input i adds to i·stride − padding onward."""
    windows = []
    for k, step, d, pad in zip(kernel, _short(stride), dilation, padding, strict=True):
        reach = d * (k - 1)
        outputs = range(pad, pad + step)
        first = tuple([-((reach - i) // step) for i in outputs])
        windows.append(Window(first, tuple([i // step for i in outputs]), 1))
    return _periodic(windows)


def adapting(input: AxisSizes, output: AxisSizes) -> Reach:
    """Return the reach of adaptive pooling: output i reads floor(i·n/m) up to ceil((i+1)·n/m)."""
    if all(size == 1 for size in output):
        return gathering(input)
    windows = []
    for size, out in zip(input, output, strict=True):
        period = out // gcd(size, out)
        outputs = range(period if period <= LONGEST_PERIOD else 0)
        first = tuple([i * size // out for i in outputs])
        last = tuple([-(-(i + 1) * size // out) - 1 for i in outputs])
        windows.append(Window(first, last, size * period // out))
    return _periodic(windows)


def reducing(axes: int, whole: list[int]) -> Reach:
    """Return the reach of what takes some axes whole and the others position by position."""
    return Reach(tuple([None if axis in whole else _POINT for axis in range(axes)]))


def gathering(space: AxisSizes) -> Reach:
    """Return the reach of what takes all of a map; of one position, that is the position."""
    return POINTWISE if all(size == 1 for size in space) else WHOLE


def _short(periods: AxisSizes) -> AxisSizes:
    """Return the periods, or zeros in place of any that are too long."""
    return periods if max(periods) <= LONGEST_PERIOD else (0,) * len(periods)


def _periodic(windows: list[Window]) -> Reach:
    return Reach(tuple(windows)) if all(window.first for window in windows) else UNCLEAR
