"""Fixes: single edits of a model file that would meet its budget, each one recomputed.

The values of the file are tried as a person would: what was changed first, then widths and depths,
those of the costliest layers before others, then the rest. Of a few at a time one trial each tells
whether the value can be enough and about where; those that need the smallest change are searched
for the value nearest to the present one. What is suggested has been built and measured so.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Literal

from bncalc.analysis.assumptions import Assumptions
from bncalc.errors import Location
from bncalc.language.source import Read, read_file
from bncalc.language.written_values import WrittenValue
from bncalc.mending.axis import (
    Direction,
    axes,
    beyond,
    candidates,
    coarser,
    eights,
    in_order,
    nearest,
)
from bncalc.mending.fix import Fix
from bncalc.mending.trial import Ceiling, Exhausted, Trial, Trials
from bncalc.model.fields import describe
from bncalc.model.graph import Graph
from bncalc.model.reading import Request
from bncalc.named import NamedTuple

MOST = 3
"""As many fixes are returned at most."""
_AT_A_TIME = 6
_MOST_BIASES = 3


def fixes(
    request: Request,
    assumptions: Assumptions,
    bounds: tuple[Ceiling, ...],
    read: Read = read_file,
    changed: Collection[Location] = (),
) -> tuple[tuple[Fix, ...] | None, ...]:
    """Return for each bound that a design breaks the single edits of the file after which it holds.

    The request names one design; `changed` are the places of values that were edited last. Give all
    bounds of the design: no edit breaks those that are kept. Edits that meet all broken ones are
    the answer to each of them; only if there is none has each its own. Those that cost no accuracy
    come first, then those that were changed, then in the order in which they were tried. An empty
    answer: no single edit meets it. None: the bound is kept, or nothing was found before the trials
    were used up. Included files are not edited, since other models may use them. Raises SpecError
    if the model cannot be built as it is.
    """
    trials = Trials(request, assumptions, bounds, read)
    broken = tuple([k for k, over in enumerate(trials.now.excess) if over > 0])
    values = in_order(candidates(trials.root, request), trials.shares, changed)
    together = _solved(trials, values, broken) if broken else None
    if together or len(broken) < 2:
        return tuple([together if k in broken else None for k in range(len(bounds))])
    return tuple(
        [_solved(trials, values, (k,)) if k in broken else None for k in range(len(bounds))]
    )


class _Lead(NamedTuple):
    """What one trial tells of an axis: about where the bounds could be met."""

    axis: Direction
    position: int
    estimate: float

    @property
    def change(self) -> float:
        return self.axis.change(self.estimate)


class _Edit(NamedTuple):
    """A value that keeps the bounds `goal`; without an axis it is an unused bias, left away."""

    written: WrittenValue
    value: object
    goal: tuple[int, ...]
    axis: Direction | None = None
    position: int = 0


# One goal: all bounds that are broken, or one of them


def _solved(
    trials: Trials, values: Sequence[Sequence[WrittenValue]], goal: tuple[int, ...]
) -> tuple[Fix, ...] | None:
    """Return the first edits that keep the bounds `goal`; None if not all values could be tried."""
    fixes: list[Fix] = []
    complete = True
    try:
        for edit in _edits(trials, values, goal):
            fixes.append(_fix(trials, edit))
            if len(fixes) == MOST:
                break
    except Exhausted:
        complete = False
    return tuple(fixes) if fixes or complete else None


def _edits(
    trials: Trials, values: Sequence[Sequence[WrittenValue]], goal: tuple[int, ...]
) -> Iterator[_Edit]:
    """Yield the edits that keep the goal, of each few values the smallest change first."""
    biases = [written for kind in values for written in kind if _is_bias(written)]
    for written in biases[:_MOST_BIASES]:
        yield from _neutral(trials, written, goal)
    for kind in values:
        for few in _batched(kind):
            leads = [lead for written in few for lead in _leads(trials, written, goal)]
            for lead in sorted(leads, key=lambda lead: lead.change):
                yield from _search(trials, lead, goal)


def _batched(values: Sequence[WrittenValue]) -> Iterator[Sequence[WrittenValue]]:
    for start in range(0, len(values), _AT_A_TIME):
        yield values[start : start + _AT_A_TIME]


def _is_bias(written: WrittenValue) -> bool:
    return written.value is True and written.field is not None and written.field.name == "bias"


def _neutral(trials: Trials, written: WrittenValue, goal: tuple[int, ...]) -> list[_Edit]:
    """Return the edit that leaves a bias away, if it keeps the goal and a norm follows it."""
    trial = trials.of(written, False)
    if not trials.keeps(trial, goal) or not _silent(trials.graph, trials.edited(written, False)):
        return []
    return [_Edit(written, False, goal)]


def _over(trial: Trial | None, goal: tuple[int, ...]) -> float:
    return math.inf if trial is None else max(trial.excess[k] for k in goal)


def _leads(trials: Trials, written: WrittenValue, goal: tuple[int, ...]) -> list[_Lead]:
    """Return the direction in which a value can meet the goal; none if it can in neither."""
    for axis in axes(written):
        for position in axis.probes:
            trial = trials.of(written, axis.value(position))
            if trial is not None:
                break
        else:
            continue
        estimate = position * max([_reach(trials.now, trial, k) for k in goal])
        if math.isfinite(estimate):
            enough = axis.rises or estimate <= 1.25 * axis.last + 1
            return [_Lead(axis, position, estimate)] if enough else []
        if trial.excess == trials.now.excess:
            return []  # nothing depends on it
    return []


def _reach(now: Trial, trial: Trial, k: int) -> float:
    """Return how many times the change that a trial made it takes to meet a bound."""
    gain = now.excess[k] - trial.excess[k]
    return now.excess[k] / gain if gain > 0 and math.isfinite(gain) else math.inf


def _search(trials: Trials, lead: _Lead, goal: tuple[int, ...]) -> Iterator[_Edit]:
    """Yield the nearest value that keeps the goal, on the finest axis on which values can be."""
    written = lead.axis.written
    for axis in (*eights(lead.axis), *coarser(lead.axis)):

        def trial(position: int, axis: Direction = axis) -> Trial | None:
            return trials.of(written, axis.value(position)) if position else trials.now

        def keeps(position: int, axis: Direction = axis) -> bool:
            return trials.keeps(trial(position, axis), goal)

        for bad, good in _brackets(lead, axis, trial):
            if keeps(good):
                at = nearest(keeps, lambda position: _over(trial(position), goal), bad, good)
                value = axis.value(at)
                yield _Edit(written, value, goal, lead.axis, lead.axis.position(value))
                return
        if abs(axis.step) < 8 and trial(1) is not None:
            return  # what is coarser holds no other values


def _brackets(
    lead: _Lead, axis: Direction, trial: Callable[[int], Trial | None]
) -> Iterator[tuple[int, int]]:
    """Yield positions that may be good enough, each with one before it that is not.

    The last is the furthest that can be built: an input, say, can become too small for a pooling.
    """
    scale = abs(lead.axis.step) / abs(axis.step)
    guess, probe = math.ceil(lead.estimate * scale * 1.05), round(lead.position * scale)
    bad, last = 0, axis.last
    for good in (max(guess, 1), probe, (guess + last) // 2, last):
        if bad < good <= last:
            yield bad, good
            bad = good if trial(good) is not None else bad
    if bad < last and trial(last) is None:
        beyond_all = nearest(
            lambda position: trial(position) is None, lambda _: math.inf, bad, last
        )
        if beyond_all - 1 > bad:
            yield bad, beyond_all - 1


def _silent(before: Graph, after: Graph) -> bool:
    """Return whether the layers that lost their bias each had one that a norm takes out again."""
    if len(before.nodes) != len(after.nodes):
        return False
    changed = {
        index
        for index, (old, new) in enumerate(zip(before.nodes, after.nodes, strict=True))
        if old.op != new.op
    }
    centred, others = (
        {x for node in before.nodes if node.op.centres is centres for x in node.inputs}
        for centres in (True, False)
    )
    return changed <= centred and not changed & others


# What is returned


def _fix(trials: Trials, edit: _Edit) -> Fix:
    texts = (trials.bounds[k].written for k in edit.goal)
    return Fix(
        field=edit.written.name,
        old=edit.written.text,
        new=describe(edit.value),
        bound=_bound(trials, edit),
        location=edit.written.location,
        meets=tuple(dict.fromkeys(filter(None, texts))),
    )


def _bound(trials: Trials, edit: _Edit) -> Literal["<=", ">=", "="]:
    """Return whether the bounds hold from the value on, or for it alone as far as is known.

    They do if the next one can be built and holds, and so does every one looked at up to the last
    that can be built. A factor of about 1 may take a layer away, which is there on both sides.
    """
    axis, trial = edit.axis, trials.of(edit.written, edit.value)
    if axis is None or trial is None or abs(axis.step) != 1 or edit.position == axis.last:
        return "="
    least, most = sorted([axis.value(edit.position), axis.value(axis.last)])
    if axis.places and least <= 1 <= most:
        return "="
    ended = False
    for position in beyond(axis, edit.position, trial.widths):
        try:
            further = trials.of(edit.written, axis.value(position))
        except Exhausted:
            return "="
        if further is not None and (ended or not trials.keeps(further, edit.goal)):
            return "="
        ended = further is None
        if ended and position == edit.position + 1:
            return "="
    return ">=" if axis.rises else "<="
