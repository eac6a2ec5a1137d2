"""The check: every number that a budget limits, held against its limit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from os import PathLike

from bncalc.analysis.measurement import measure
from bncalc.budget.base_choice import choose
from bncalc.budget.budgets import Budget, Budgets
from bncalc.budget.coverage import NamedModel, covered
from bncalc.budget.designs import MeasuredDesign, analyses, assumed, measured
from bncalc.budget.holding import Holder
from bncalc.budget.notes import notes_on
from bncalc.budget.parts import PartNumbers, parts
from bncalc.budget.past import Past
from bncalc.budget.reader import read_budgets
from bncalc.budget.suggestions import CheckSource, mended
from bncalc.budget.verdict import Check, Verdict
from bncalc.calls import public
from bncalc.change.version import Version
from bncalc.errors import Problem, SpecError, text_of, words_of
from bncalc.model.graph import Graph
from bncalc.opening.name import ModelName


@public
def check(
    budgets: Budgets | str | PathLike[str],
    *,
    base: str | None = None,
    new_only: bool = False,
    allow_empty: bool = False,
    only: Sequence[str] = (),
    allow_code: bool = False,
    allow_uncounted: bool = False,
    fixes: bool = True,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> Verdict:
    """Hold models to their budgets, each of them opened and measured once.

    Budgets may be the path of their file. `base` names what growth is measured against, in place of
    what the environment and the file say; `new_only` forgives a limit that the base broke already;
    `only` leaves out all other models; `allow_empty` lets patterns match nothing, `allow_code` lets
    models run Python, `allow_uncounted` lets the cost of operations be unknown. Without `fixes`
    no edits are looked for that would fix a model; `progress` is called with the number of broken
    models for which they have been, and of all broken models.
    Raises SpecError for all that is wrong in the files, UsageError for what is wrong in the call.
    """
    if not isinstance(budgets, Budgets):
        budgets = read_budgets(text_of("check", budgets, "bncalc.budget.yaml"))
    only = words_of("check", "models", only)
    active = [budget for budget in budgets.budgets if budget.level != "off"]
    covering, problems = covered(budgets, active, allow_empty=allow_empty, only=only)
    if not allow_code:
        problems += _running_code(covering)
        covering = [
            tuple([each for each in under if not each.model.is_torch]) for under in covering
        ]
    designs, others = measured(zip(active, covering, strict=True), budgets)
    if problems or others:
        raise SpecError([*problems, *others])
    if not (allow_empty or only):
        for budget, under in zip(active, designs, strict=True):
            _refuse_idle(budget, under)
    chosen = choose(budgets, base, new_only, designs)
    past = Past(chosen.snapshot, budgets, chosen.budgets, some=bool(only), growth=chosen.growth)
    for design in chain.from_iterable(designs):
        past.of(design)
    holder = Holder(budgets.base, past, new_only=new_only, allow_uncounted=allow_uncounted)
    held = [
        check
        for budget, under in zip(active, designs, strict=True)
        for check in holder.checks(budget, under)
    ]
    return Verdict(
        source=budgets.path or "the command line",
        assumptions=budgets.assumptions,
        input=budgets.input,
        base=chosen.snapshot.label if chosen.snapshot and chosen.growth else None,
        checks=mended(held, budgets, progress) if fixes else _checks(held),
        notes=notes_on(budgets, chosen, past, list(zip(active, designs, strict=True))),
    )


def check_graph(graph: Graph, budgets: Budgets) -> Verdict:
    """Hold a graph to budgets, whichever models they name. It is in no file and so in no base."""
    name, holder = graph.name, Holder(budgets.base, Past(None, budgets))
    held: list[CheckSource] = []
    for budget in budgets.budgets:
        assumptions = assumed(budgets, budget)
        report = measure(graph, assumptions, analyses(budgets, assumptions))
        design = MeasuredDesign(name, ModelName(name), Version(report), PartNumbers(report))
        held += holder.checks(budget, [design])
    source = budgets.path or "the call"
    return Verdict(source, budgets.assumptions, None, None, _checks(held))


def _checks(held: Iterable[CheckSource]) -> tuple[Check, ...]:
    return tuple([each.check for each in held])


def _running_code(covering: Iterable[tuple[NamedModel, ...]]) -> Iterator[Problem]:
    """Return a problem for each model that runs Python: who writes budgets is not who calls."""
    for model, location in chain.from_iterable(covering):
        if model.is_torch:
            yield Problem(location, f"{model} runs Python code, which needs --allow-code")


def _refuse_idle(budget: Budget, designs: list[MeasuredDesign]) -> None:
    """Raise SpecError for patterns of parts that match nothing: a layer was renamed, say."""
    if not budget.match:
        return
    known = {path for design in designs for path in parts(design.numbers.report, budget.scope)}
    idle = [pattern for pattern in budget.match if not any(map(pattern.matches, known))]
    if idle:
        example = f"; there are {', '.join(sorted(known)[:3])} …" if known else ""
        what = f"no {budget.scope} of its models matches"
        raise SpecError(
            Problem(pattern.location, f"{what} {pattern.text!r}{example}") for pattern in idle
        )
