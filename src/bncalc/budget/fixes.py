"""Fixes: single edits of a model file that would meet its budget, each one recomputed.

Every written number that the design depends on is tried: once where it is halved, which tells
whether it can be enough and about where; then, the likeliest first, by a search for the value
nearest to the present one. What is suggested has been built and measured with that value.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Literal, NamedTuple

from bncalc.analysis.assumptions import Assumptions
from bncalc.budget.axis import Axis, axes, beyond, coarser, nearest
from bncalc.budget.trial import MAX_TRIALS, Bound, Exhausted, Trial, Trials
from bncalc.budget.verdict import Fix
from bncalc.errors import Location
from bncalc.language.decoder import Read
from bncalc.language.model import Overrides
from bncalc.language.source import Mapping, Node, read_file
from bncalc.language.written import Written, said, written
from bncalc.model.fields import describe
from bncalc.model.graph import Graph

MOST = 3
"""As many fixes are returned at most."""
_FIRST = ("vars.", "variants.", "defaults.", "input[")
_ENOUGH = 2 * MOST


def fixes(
    path: str,
    part: str,
    overrides: Overrides,
    assumptions: Assumptions,
    bounds: tuple[Bound, ...],
    read: Read = read_file,
) -> tuple[Fix, ...] | None:
    """Return single edits of the file after which the bounds that a design breaks are met.

    `part` names the design where a file holds several. Give all bounds of the design: those that it
    keeps are not broken by any fix. Where no edit meets all broken ones, those that meet one come.
    Edits that cost no accuracy come first, then the smallest relative change. Empty: no single
    edit meets any; None: none was found before MAX_TRIALS ended the search. Included files are not
    edited, since other models may use them. Raises SpecError where the model is not sound as it is.
    """
    trials = Trials(path, part, overrides, assumptions, bounds, read)
    broken = tuple([k for k, over in enumerate(trials.now.excess) if over > 0])
    values = _candidates(trials.root, part, overrides)
    found: list[_Found] = []
    complete = _solve(trials, values, broken, found)
    for k in broken if not found and len(broken) > 1 else ():
        complete = _solve(trials, values, (k,), found) and complete
    return tuple([_fix(trials, one) for one in _best(found)]) if found or complete else None


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


def _candidates(root: Node, part: str, overrides: Overrides) -> list[Written]:
    """Return the values that can matter to the design asked for, those with a name first.

    The size of the input counts once where both sides are the same: what one does the other does.
    """
    others = tuple(f"{key}." for key in ("variants", "blocks") if part in _names(root, key))
    own = tuple(f"{other}{said(part)}." for other in others)
    left_out = (*others, "variants.", "input[")
    settled = {f"vars.{name}" for name in (*overrides.vars, *_names(root, "variants", part))}
    found = [
        one
        for one in written(root)
        if one.name.startswith(own)
        or not (one.name.startswith(left_out) or one.name.partition("[")[0] in settled)
    ]
    if not overrides.input:
        sides = [one for one in written(root) if one.name in ("input[1]", "input[2]")]
        found += {one.value: one for one in reversed(sides)}.values()
    return sorted(found, key=lambda one: not one.name.startswith(_FIRST))


def _names(root: Node, *keys: str) -> tuple[str, ...]:
    """Return the names in a mapping of the file, found by keys within keys."""
    node: Node | None = root
    for key in keys:
        node = node.get(key) if isinstance(node, Mapping) else None
    return tuple(key.text for key, _ in node.entries) if isinstance(node, Mapping) else ()


# One goal: all broken bounds, or one of them


def _solve(
    trials: Trials, values: Iterable[Written], goal: tuple[int, ...], found: list[_Found]
) -> bool:
    """Add the best edits that keep the bounds `goal` to `found`; return whether all were tried."""
    leads: list[_Lead] = []
    complete = False
    try:
        for one in values if goal else ():
            if len(leads) >= _ENOUGH and trials.count > MAX_TRIALS // 2:
                break
            found += _neutral(trials, one, goal)
            leads += _leads(trials, one, goal)
        complete = True
        for lead in sorted(leads, key=lambda lead: lead.change):
            # The true change is hardly ever smaller than 0.7 of what a straight line says.
            if (best := _best(found))[MOST - 1 :] and best[-1].change < lead.change * 0.7:
                break
            found += _search(trials, lead, goal)
    except Exhausted:
        complete = False
    return complete


def _neutral(trials: Trials, one: Written, goal: tuple[int, ...]) -> list[_Found]:
    """Return the edit that leaves a bias away, where it keeps the goal and a norm follows it."""
    if one.value is not True or one.field is None or one.field.name != "bias":
        return []
    trial = trials.of(one, False)
    if trial is None or not _keeps(trials, trial, goal):
        return []
    silent = _silent(trials.now.graph, trial.graph)
    return [_Found(one, False, -1.0, goal, None)] if silent else []


def _keeps(trials: Trials, trial: Trial | None, goal: tuple[int, ...]) -> bool:
    """Return whether a trial keeps the bounds of the goal, and those that are kept now."""
    if trial is None:
        return False
    kept = [k for k, over in enumerate(trials.now.excess) if over <= 0]
    return all(trial.excess[k] <= 0 for k in (*goal, *kept))


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
    scale = abs(lead.axis.step) / abs(axis.step)

    def keeps(position: int) -> bool:
        return _keeps(trials, trials.of(one, axis.value(position)), goal)

    def over(position: int) -> float:
        return _over(trials.of(one, axis.value(position)) if position else trials.now, goal)

    bad, guess = 0, math.ceil(lead.estimate * scale * 1.1)
    for good in (1, round(lead.position * scale), guess, (guess + axis.last) // 2, axis.last):
        if bad < good <= axis.last:
            if keeps(good):
                found = nearest(keeps, over, bad, good)
                return [_Found(one, axis.value(found), axis.change(found), goal, axis, found)]
            bad = good
    return []


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
    normed = [
        node.op.word in ("batch_norm", "instance_norm") for s, node in readers if s in changed
    ]
    return changed <= {source for source, _ in readers} and all(normed)


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
    meets = tuple([trials.bounds[k].written for k in found.goal])
    return Fix(one.name, one.text, describe(value), bound, one.location, meets)


def _bound(trials: Trials, found: _Found) -> Literal["<=", ">=", "="]:
    """Return whether the value is where the bounds begin to hold, or one that is known to hold.

    It is the former where the next ones can be built and hold, and so does every one looked at up
    to the last that can be built.
    """
    axis, trial = found.axis, trials.of(found.one, found.value)
    if axis is None or trial is None or abs(axis.step) != 1 or found.position == axis.last:
        return "="
    widths = frozenset(layer.output.channels for layer in trial.report.layers)
    ended = False
    for position in beyond(axis, found.position, widths):
        try:
            further = trials.of(found.one, axis.value(position))
        except Exhausted:
            return "="
        if further is not None and (ended or not _keeps(trials, further, found.goal)):
            return "="
        ended = further is None
        if ended and position == found.position + 1:
            return "="
    return "<=" if axis.step < 0 else ">="


def _rounded(trials: Trials, found: _Found) -> object:
    """Return the next multiple of 8, where the present value is one and that keeps the bounds."""
    assert isinstance(found.value, (int, float))
    if found.axis is None or found.axis.places or found.axis.at % 8:
        return found.value
    rounded = found.value // 8 * 8 if found.axis.step < 0 else -(-found.value // 8) * 8
    try:
        kept = rounded > 0 and _keeps(trials, trials.of(found.one, rounded), found.goal)
    except Exhausted:
        return found.value
    return rounded if kept else found.value
