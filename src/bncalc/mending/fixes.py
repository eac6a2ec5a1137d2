"""Fixes: single edits of a model file that would meet its budget, each one recomputed.

Every written number that the design depends on is tried: once where it is halved, which tells
whether it can be enough and about where; then, the likeliest first, by a search for the value
nearest to the present one. What is suggested has been built and measured with that value.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from typing import Literal, NamedTuple

from bncalc.analysis.assumptions import Assumptions
from bncalc.errors import Location
from bncalc.language.grammar import REPEAT
from bncalc.language.source import Read, read_file
from bncalc.language.written import Written
from bncalc.mending.axis import Axis, axes, beyond, coarser, nearest
from bncalc.mending.candidates import candidates
from bncalc.mending.fix import Fix
from bncalc.mending.trial import Bound, Exhausted, Trial, Trials
from bncalc.model.fields import describe
from bncalc.model.graph import Graph
from bncalc.model.reading import Request

MOST = 3
"""As many fixes are returned at most."""
_ENOUGH = 2 * MOST


def fixes(
    request: Request,
    assumptions: Assumptions,
    bounds: tuple[Bound, ...],
    read: Read = read_file,
) -> tuple[tuple[Fix, ...] | None, ...]:
    """Return for each bound that a design breaks the single edits of the file after which it holds.

    The request names one design. Give all bounds of the design: no edit
    breaks those that are kept. Edits that meet all broken ones are the answer to each of them; only
    where there is none has each its own. Those that cost no accuracy come first, then the smallest
    relative change. An empty answer: no single edit meets it. None: the bound is kept, or nothing
    was found before the trials were used up. Included files are not edited, since other models may
    use them. Raises SpecError where the model cannot be built as it is.
    """
    trials = Trials(request, assumptions, bounds, read)
    broken = tuple([k for k, over in enumerate(trials.now.excess) if over > 0])
    values = candidates(trials.root, request)
    together = _solved(trials, values, broken) if broken else None
    if together or len(broken) < 2:
        return tuple([together if k in broken else None for k in range(len(bounds))])
    return tuple(
        [_solved(trials, values, (k,)) if k in broken else None for k in range(len(bounds))]
    )


class _Lead(NamedTuple):
    """What one trial tells of an axis: about where the bounds could be met."""

    axis: Axis
    position: int
    estimate: float

    @property
    def change(self) -> float:
        return self.axis.change(self.estimate)


class _Found(NamedTuple):
    """A value that keeps the bounds `goal`; without an axis it is an unused bias, left away."""

    one: Written
    value: object
    change: float
    goal: tuple[int, ...]
    axis: Axis | None
    position: int = 0


# One goal: all bounds that are broken, or one of them


def _solved(
    trials: Trials, values: Iterable[Written], goal: tuple[int, ...]
) -> tuple[Fix, ...] | None:
    """Return the best edits that keep the bounds `goal`; None where not all could be tried."""
    leads: list[_Lead] = []
    found: list[_Found] = []
    complete = False
    try:
        for one in values:
            if leads and trials.spent(0.5 if len(leads) >= _ENOUGH else 0.75):
                break
            found += _neutral(trials, one, goal)
            leads += _leads(trials, one, goal)
        else:
            complete = True
        for lead in sorted(leads, key=lambda lead: lead.change):
            # The true change is hardly ever smaller than 0.7 of what a straight line says.
            if (best := _best(found))[MOST - 1 :] and best[-1].change < lead.change * 0.7:
                break
            found += _search(trials, lead, goal)
    except Exhausted:
        complete = False
    return tuple([_fix(trials, one) for one in _best(found)]) if found or complete else None


def _neutral(trials: Trials, one: Written, goal: tuple[int, ...]) -> list[_Found]:
    """Return the edit that leaves a bias away, where it keeps the goal and a norm follows it."""
    if one.value is not True or one.field is None or one.field.name != "bias":
        return []
    trial = trials.of(one, False)
    if not trials.keeps(trial, goal) or not _silent(trials.graph(), trials.graph(one, False)):
        return []
    return [_Found(one, False, -1.0, goal, None)]


def _over(trial: Trial | None, goal: tuple[int, ...]) -> float:
    return math.inf if trial is None else max(trial.excess[k] for k in goal)


def _leads(trials: Trials, one: Written, goal: tuple[int, ...]) -> list[_Lead]:
    """Return the direction in which a value can meet the goal; none where it can in neither."""
    for axis in axes(one):
        tried = ((position, trials.of(one, axis.value(position))) for position in axis.probes)
        position, trial = next((found for found in tried if found[1] is not None), (0, None))
        if trial is None:
            continue
        estimate = position * max([_reach(trials.now, trial, k) for k in goal])
        if math.isfinite(estimate):
            enough = axis.step > 0 or estimate <= 1.25 * axis.last + 1
            return [_Lead(axis, position, estimate)] if enough else []
        if trial.excess == trials.now.excess:
            return []  # nothing depends on it
    return []


def _reach(now: Trial, trial: Trial, k: int) -> float:
    """Return how many times the change that a trial made it takes to meet a bound."""
    gain = now.excess[k] - trial.excess[k]
    return now.excess[k] / gain if gain > 0 and math.isfinite(gain) else math.inf


def _search(trials: Trials, lead: _Lead, goal: tuple[int, ...]) -> list[_Found]:
    """Find the nearest value that keeps the goal, on the finest axis on which values can be."""
    one = lead.axis.one
    for axis in coarser(lead.axis):
        if trials.of(one, axis.value(1)) is not None:
            break
    else:
        return []

    def trial(position: int) -> Trial | None:
        return trials.of(one, axis.value(position)) if position else trials.now

    def keeps(position: int) -> bool:
        return trials.keeps(trial(position), goal)

    for bad, good in _brackets(lead, axis, trial):
        if keeps(good):
            found = nearest(keeps, lambda position: _over(trial(position), goal), bad, good)
            return [_Found(one, axis.value(found), axis.change(found), goal, axis, found)]
    return []


def _brackets(
    lead: _Lead, axis: Axis, trial: Callable[[int], Trial | None]
) -> Iterator[tuple[int, int]]:
    """Yield positions that may be good enough, each with one before it that is not.

    The last is the furthest that can be built: an input, say, can become too small for a pooling.
    """
    scale = abs(lead.axis.step) / abs(axis.step)
    guess = math.ceil(lead.estimate * scale * 1.1)
    bad, last = 0, axis.last
    for good in (1, round(lead.position * scale), guess, (guess + last) // 2, last):
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
    readers = [(source, node) for node in before.nodes for source in node.inputs]
    centred = [node.op.centres for source, node in readers if source in changed]
    return changed <= {source for source, _ in readers} and all(centred)


# What is returned


def _best(found: Iterable[_Found]) -> list[_Found]:
    """Return the best, one for each value of the file."""
    best: dict[Location, _Found] = {}
    for one in sorted(found, key=lambda one: one.change):
        best.setdefault(one.one.location, one)
    return list(best.values())[:MOST]


def _fix(trials: Trials, found: _Found) -> Fix:
    value, bound = found.value, _bound(trials, found)
    if bound == "=" and found.axis is not None:
        value = _rounded(trials, found)
    one = found.one
    said = (trials.bounds[k].written for k in found.goal)
    meets = tuple(dict.fromkeys(filter(None, said)))
    return Fix(one.name, one.text, describe(value), bound, one.location, meets)


def _bound(trials: Trials, found: _Found) -> Literal["<=", ">=", "="]:
    """Return whether the value is where the bounds begin to hold, or one that is known to hold.

    It is the former where the next ones can be built and hold, and so does every one looked at up
    to the last that can be built.
    """
    axis, trial = found.axis, trials.of(found.one, found.value)
    if axis is None or trial is None or abs(axis.step) != 1 or found.position == axis.last:
        return "="
    ended = False
    for position in beyond(axis, found.position, trial.widths):
        try:
            further = trials.of(found.one, axis.value(position))
        except Exhausted:
            return "="
        if further is not None and (ended or not trials.keeps(further, found.goal)):
            return "="
        ended = further is None
        if ended and position == found.position + 1:
            return "="
    return "<=" if axis.step < 0 else ">="


def _rounded(trials: Trials, found: _Found) -> object:
    """Return the next multiple of 8, where the present value is one and that keeps the bounds."""
    assert isinstance(found.value, (int, float))
    if found.axis is None or found.axis.places or found.axis.at % 8 or found.one.field == REPEAT:
        return found.value
    rounded = found.value // 8 * 8 if found.axis.step < 0 else -(-found.value // 8) * 8
    try:
        kept = rounded > 0 and trials.keeps(trials.of(found.one, rounded), found.goal)
    except Exhausted:
        return found.value
    return rounded if kept else found.value
