"""Views: what a reader has found of the order in which a map's elements lie in a view of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from math import prod
from operator import itemgetter, ne

from bncalc.model.ops.foreign import Facts
from bncalc.model.shape import Shape
from bncalc.writers.pytorch.lines.line import Line, number, sizes_text

Sizes = tuple[int, ...]


def view(facts: Facts, inputs: tuple[Shape, ...], output: Shape) -> Line | str:
    """Return a map in other sizes, a part of it, or in another order, as its options say."""
    if not facts.options or len(inputs) != 1:
        return _unknown(inputs)
    if ("axes", ()) in facts.options and facts.word in ("std", "var"):
        return "one number has no spread"
    return Line(_viewed("{0}", tuple(inputs[0]), facts, tuple(output)))


def stack(facts: Facts, inputs: tuple[Shape, ...], output: Shape) -> Line | str:
    """Return maps beside each other on a further axis, which comes before the others."""
    if not facts.options:
        return _unknown(inputs)
    maps = ", ".join([f"{{{i}}}" for i in range(len(inputs))])
    call = f"torch.stack(({maps}), 1)" if len(inputs) > 1 else "{0}.unsqueeze(1)"
    return Line(_viewed(call, (len(inputs), *inputs[0]), facts, tuple(output)))


def _unknown(inputs: tuple[Shape, ...]) -> str:
    arriving = " and ".join(map(str, inputs))
    return f"the order in which it takes the elements of {arriving} is not known"


def _viewed(call: str, sizes: Sizes, facts: Facts, output: Sizes) -> str:
    """Return a call with what the options say done to what it makes, one after the other."""
    split = sizes
    for name, steps in groupby(facts.options, key=itemgetter(0)):
        values = [value for _, value in steps if isinstance(value, tuple)]
        value = values[0]
        if name == "sizes":
            split = value
        elif name == "cut":
            cuts = {cut[0]: cut for cut in values}
            call = resized(call, sizes, split) + _cut(split, cuts)
            sizes = split = _left(split, cuts)
        elif name == "axes" and not value:
            continue  # along an axis of one position
        elif name == "axes":
            axes = tuple([axis + 1 for axis in value])
            kept = tuple([1 if axis in value else n for axis, n in enumerate(split)])
            keeps = kept == output and (name, value) == facts.options[-1]
            called = f".{REDUCTIONS[facts.word]}({axes}{', keepdim=True' if keeps else ''})"
            call = resized(call, sizes, split) + called
            left = tuple([n for axis, n in enumerate(split) if axis not in value])
            sizes = split = kept if keeps else left
        elif value != tuple(range(len(value))):
            call = resized(call, sizes, split) + turned(value)
            sizes = split = tuple([split[axis] for axis in value])
    return resized(call, sizes, output)


REDUCTIONS = {
    **{word: word for word in ("amax", "amin", "mean", "std", "sum", "var")},
    "max": "amax",
    "min": "amin",
}
"""The method that gathers along axes, by the word of the facts."""


def resized(call: str, sizes: Sizes, wanted: Sizes) -> str:
    """Return a call whose map of some sizes gets others, as a person would say it."""
    if sizes == wanted:
        return call
    differing = [i for i, pair in enumerate(zip(sizes, wanted, strict=False)) if ne(*pair)]
    start = differing[0] if differing else min(len(sizes), len(wanted))
    behind = 0
    shorter = min(len(sizes), len(wanted)) - start
    while behind < shorter and sizes[-1 - behind] == wanted[-1 - behind]:
        behind += 1
    old, new = sizes[start : len(sizes) - behind], wanted[start : len(wanted) - behind]
    if len(old) == 1 and len(new) > 1 and prod(new) == old[0]:
        return f"{call}.unflatten({start + 1}, ({sizes_text(new)}))"
    if len(new) == 1 and len(old) > 1 and prod(old) == new[0]:
        return f"{call}.flatten({start + 1}, {start + len(old)})"
    return reshaped(call, wanted)


def reshaped(call: str, wanted: Sequence[int]) -> str:
    """Return a call whose map gets other sizes, whatever those are that it has."""
    return f"{call}.reshape(-1, {sizes_text(wanted)})"


def turned(order: Sizes) -> str:
    """Return what puts the axes of a map behind its batch into another order."""
    moved = [axis for axis, other in enumerate(order) if axis != other]
    if not moved:
        return ""
    if len(moved) == 2:
        return f".transpose({moved[0] + 1}, {moved[1] + 1})"
    return f".permute(0, {', '.join([str(axis + 1) for axis in order])})"


def _cut(sizes: Sizes, cuts: Mapping[int, Sizes]) -> str:
    """Return the brackets that take stretches of axes, or one position of them."""
    texts = [":"]
    for axis in range(max(cuts) + 1):
        _, start, stop, step = cuts.get(axis, (axis, 0, sizes[axis], 1))
        begin, end = start and number("start", start), number("stop", stop)
        stretch = f"{begin or ''}:{end if stop < sizes[axis] else ''}"
        stretch += f":{step}" if step > 1 else ""
        texts.append(str(start) if stop - start <= step and axis in cuts else stretch)
    return f"[{', '.join(texts)}]"


def _left(sizes: Sizes, cuts: Mapping[int, Sizes]) -> Sizes:
    """Return the sizes that are left after cuts."""
    taken = [len(range(*cuts[i][1:])) if i in cuts else size for i, size in enumerate(sizes)]
    return tuple([size for i, size in enumerate(taken) if size > 1 or i not in cuts])
