"""Evaluation: formulas and vars are worked out."""

from collections.abc import Mapping

from bncalc.errors import ExpressionError, Problem
from bncalc.language.spec import UNREADABLE, Call, Entry, EntryContent, Formula, Group, SameAs
from bncalc.model.shape import Shape

VariableValues = dict[str, object]


def evaluate(value: object, names: Mapping[str, object]) -> object:
    """Return a value with its formulas worked out; raise Unevaluated saying where it failed."""
    if isinstance(value, Formula):
        return _worked_out(value, names)
    if type(value) is tuple:
        return tuple([evaluate(item, names) for item in value])
    if isinstance(value, dict):
        return {key: evaluate(item, names) for key, item in value.items()}
    return value


def _worked_out(formula: Formula, names: Mapping[str, object]) -> object:
    expression = formula.expression
    for name in expression.names:
        if names.get(name) is UNREADABLE:
            raise Unevaluated
    try:
        return expression.evaluate(names)
    except ExpressionError as error:
        at = formula.location
        where = at._replace(column=at.column + error.offset)
        raise Unevaluated(Problem(where, error.message)) from None


class Unevaluated(Exception):
    """A formula without a value: the problem, or none where what it rests on has been reported."""

    def __init__(self, *problems: Problem) -> None:
        self.problems = problems
        super().__init__(*problems)


def names_in(value: object) -> list[str]:
    """Return the names that the formulas of a value ask for."""
    if isinstance(value, Formula):
        return sorted(value.expression.names)
    if isinstance(value, tuple | dict):
        inside = value.values() if isinstance(value, dict) else value
        return [name for item in inside for name in names_in(item)]
    return []


def names_copy(what: EntryContent, index: str) -> bool:
    """Return whether anything in a repeated entry is worked out from the number of its copy."""
    if isinstance(what, Call):
        values = [what.kind, *(argument.value for argument in what.arguments.values())]
        return any(index in names_in(value) for value in values)
    if isinstance(what, SameAs):
        return False  # what it stands for sees nothing of this copy
    entries = what.layers if isinstance(what, Group) else sum(what.branches, ())
    return any(_entry_names_copy(entry, index) for entry in entries)


def _entry_names_copy(entry: Entry, index: str) -> bool:
    wiring = [entry.repeat, entry.condition]
    whats = [entry.what, entry.first, *(other.what for other in entry.otherwise)]
    return any(
        argument is not None and index in names_in(argument.value) for argument in wiring
    ) or any(what is not None and names_copy(what, index) for what in whats)


class Ambiguous:
    """Takes the place of a name that could mean two things; `reason` says what to write."""

    reason = "`i` could count either of two repeats here; name one of them: `index: stage`"


_SIZES = {1: ("length",), 2: ("h", "w"), 3: ("d", "h", "w")}
"""What expressions call the sizes of a map, by its number of axes."""
_OF_SPACE = {"positions"}.union(*_SIZES.values())


def arriving(x: Shape, known: Mapping[str, object]) -> VariableValues:
    """Return the names of an expression: those of the file, and what can be said of a map.

    A name that the file gives to something itself comes before the name of a size.
    """
    sizes = zip(_SIZES.get(x.axes, ()), x.space, strict=False)
    return {"positions": x.positions, **dict(sizes), **known, "cin": x.channels}


def rests_on(value: object, known: Mapping[str, object]) -> frozenset[str]:
    """Return what of the shape that arrives a value is computed from."""
    names = {name for name in names_in(value) if name not in known}
    channels = {"channels"} if "cin" in names else set()
    return frozenset(channels | ({"space"} if names & _OF_SPACE else set()))
