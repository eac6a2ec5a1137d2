"""Fitting: which of the values tried give a design that keeps its limits, and which is best."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from math import prod
from typing import Any

from bncalc.analysis.assumptions import Assumptions
from bncalc.analysis.metric import Metric
from bncalc.errors import BncalcError, UsageError
from bncalc.named import NamedTuple
from bncalc.number import is_number
from bncalc.search import plain_lanes
from bncalc.search.axis import Axis
from bncalc.search.costing import Costing, devices_of
from bncalc.search.evaluation import DesignValues, Refusal, Refusals
from bncalc.search.limits import SearchLimit, keeps
from bncalc.search.rule import SpaceRule
from bncalc.search.subject import SearchSubject

_MOST_DESIGNS = 10**6
_PLAIN = 1_000
"""So many designs take less time on plain lanes than numpy takes to load."""


class TriedDesign(NamedTuple):
    """A design: what varies, and its numbers by the word of their metric."""

    values: DesignValues
    amounts: dict[str, int]


class Fit(NamedTuple):
    """The best design that keeps the limits, None where none does.

    `next` is the first one after it that does not keep them, and `twins` have the same numbers as
    the best: with one axis only. `settings` are what a file would hold of the best, values by rules
    too. `now` is the design as it is written, None where it cannot be built. `nearest` is the one
    that misses by the least share, where none fits. `gaps` say what the numbers leave out.
    """

    title: str
    axes: tuple[Axis, ...]
    rules: tuple[SpaceRule, ...]
    limits: tuple[SearchLimit, ...]
    maximize: Metric | None
    best: TriedDesign | None
    next: TriedDesign | None
    twins: tuple[TriedDesign, ...]
    now: TriedDesign | None
    nearest: TriedDesign | None
    fitting: int
    tried: int
    settings: DesignValues
    refusals: tuple[Refusal, ...]
    assumptions: Assumptions
    gaps: tuple[str, ...] = ()


class Task(NamedTuple):
    """What is asked: which axes, rules and limits, and what the best has most of."""

    axes: tuple[Axis, ...]
    rules: tuple[SpaceRule, ...]
    limits: tuple[SearchLimit, ...]
    metrics: tuple[Metric, ...]
    maximize: Metric | None = None


def fit(subject: SearchSubject, task: Task, assumptions: Assumptions) -> Fit:
    """Work every value of the axes out and choose; raise UsageError for what has no best.

    The best has most of what is maximized, or else the largest value of the one axis.
    """
    _refuse_unordered(task)
    wanted = [limit.metric for limit in task.limits] + ([task.maximize] if task.maximize else [])
    metrics = tuple(dict.fromkeys((*task.metrics, *wanted)))
    work = Costing(subject, assumptions, metrics, task.rules, devices_of(task.axes, subject))
    designs = _designs(work, task)
    rows, refusals = worked_out(work, designs)
    words = [metric.word for metric in metrics]
    built = [
        TriedDesign(values, dict(zip(words, row, strict=True)))
        for values, row in zip(designs, rows, strict=True)
        if row is not None
    ]
    good = [point for point in built if keeps(task.limits, point.amounts)]
    best = max(good, key=lambda point: _merit(point, task), default=None)
    return Fit(
        title=subject.title,
        axes=task.axes,
        rules=task.rules,
        limits=task.limits,
        maximize=task.maximize,
        best=best,
        next=_next(built, best, task),
        twins=_twins(built, best),
        now=_now(work, task, words),
        nearest=None if best else _nearest(built, task.limits),
        fitting=len(good),
        tried=len(designs),
        settings=subject.written(work.settled(best.values)) if best else {},
        refusals=tuple(refusals.listed()),
        assumptions=assumptions,
        gaps=tuple(work.gaps),
    )


def _refuse_unordered(task: Task) -> None:
    """Raise UsageError where there is no best, or where there are too many designs."""
    count = prod(len(axis.values) for axis in task.axes)
    if count > _MOST_DESIGNS:
        most = f"more than {_MOST_DESIGNS:,}; `bncalc sweep` takes any number"
        raise UsageError(f"that is {count:,} designs, {most}")
    if task.maximize is None:
        if len(task.axes) != 1:
            raise UsageError("several values vary: say what is best with --maximize METRIC")
        if not all(map(is_number, task.axes[0].values)):
            name = task.axes[0].name
            raise UsageError(f"values of {name} are not numbers: say what is best with --maximize")


def _designs(work: Costing, task: Task) -> list[DesignValues]:
    """Return every combination of values; raise UsageError for an axis that nothing knows."""
    names = [axis.name for axis in task.axes]
    work.refuse_unknown(names)
    every = product(*[axis.values for axis in task.axes])
    return [dict(zip(names, values, strict=True)) for values in every]


def worked_out(
    work: Costing, designs: Sequence[DesignValues]
) -> tuple[Sequence[tuple[int, ...] | None], Refusals]:
    """Return the numbers of designs, None for what cannot be built; by numpy where it pays."""
    if len(designs) > _PLAIN:
        try:
            from bncalc.search.partition import all_at_once, columns_of, rows
        except ModuleNotFoundError:
            return plain_lanes.rows(work, designs)
        numbers = all_at_once(work, columns_of(designs), len(work.metrics))
        return rows(numbers), numbers.refusals
    return plain_lanes.rows(work, designs)


def _merit(point: TriedDesign, task: Task) -> tuple[Any, ...]:
    values = tuple([value for value in point.values.values() if is_number(value)])
    return (point.amounts[task.maximize.word], values) if task.maximize else values


def _next(built: Sequence[TriedDesign], best: TriedDesign | None, task: Task) -> TriedDesign | None:
    """Return the first design after the best that does not keep the limits, with one axis."""
    if best is None or len(task.axes) != 1 or task.maximize:
        return None
    name = task.axes[0].name
    after = [point for point in built if point.values[name] > best.values[name]]
    return min(after, key=lambda point: point.values[name], default=None)


def _twins(built: Sequence[TriedDesign], best: TriedDesign | None) -> tuple[TriedDesign, ...]:
    if best is None:
        return ()
    return tuple([p for p in built if p.amounts == best.amounts and p is not best])


def _now(work: Costing, task: Task, words: list[str]) -> TriedDesign | None:
    """Return the design as it is written."""
    present = {axis.name: work.now.get(axis.name) for axis in task.axes}
    try:
        return TriedDesign(present, dict(zip(words, work({}), strict=True)))
    except BncalcError:
        return None


def _nearest(built: Sequence[TriedDesign], limits: Sequence[SearchLimit]) -> TriedDesign | None:
    """Return the design that is beyond its limits by the least share of them."""

    def miss(point: TriedDesign) -> float:
        shares = [limit.excess(point.amounts[limit.word]) / max(1, limit.whole) for limit in limits]
        return max(shares, default=0.0)

    return min(built, key=miss, default=None)
