"""Variables: the vars of a file are worked out, each after those that it uses."""

from collections.abc import Iterator, Mapping

from bncalc.errors import Problem
from bncalc.language.evaluation import Unevaluated, VariableValues, evaluate, names_in
from bncalc.language.spec import UNREADABLE, Argument, Spec

_MAX_DEPTH = 1_000
_SHOWN = 8


def variables(
    spec: Spec, settings: Mapping[str, Argument], problems: list[Problem]
) -> VariableValues:
    """Return the vars of a file, some of them set otherwise; they may use each other.

    One that cannot be worked out is UNREADABLE, and why has been added to the problems.
    """
    resolver = _Resolver({**spec.vars, **settings}, problems)
    for name in resolver.arguments:
        resolver.resolve(name)
    return {name: resolver.known.get(name, UNREADABLE) for name in resolver.depths}


class _Resolver:
    """Works variables out without recursion: a chain of them may be long."""

    def __init__(self, arguments: Mapping[str, Argument], problems: list[Problem]) -> None:
        self.arguments = arguments
        self.problems = problems
        self.known: VariableValues = {}
        self.depths: dict[str, int] = {}

    def resolve(self, name: str) -> None:
        """Work out one variable, and before it those that it uses."""
        trail: dict[str, Iterator[str]] = {}
        following: str | None = name
        while following is not None or trail:
            if following is not None and following not in self.depths:
                trail[following] = iter(self.used_by(following))
            name = next(reversed(trail), "")
            if not name:
                return
            following = next(trail[name], None)
            if following is None:
                del trail[name]
                self.settle(name)
            elif following in trail:
                self.refuse_circle(following, [*trail])
                following = None

    def used_by(self, name: str) -> list[str]:
        return [used for used in names_in(self.arguments[name].value) if used in self.arguments]

    def settle(self, name: str) -> None:
        """Work out a variable whose own are known, or say why it cannot be."""
        if name in self.depths:
            return
        used = self.used_by(name)
        self.depths[name] = depth = 1 + max((self.depths[other] for other in used), default=0)
        if any(other not in self.known for other in used):
            return  # why has been said
        argument = self.arguments[name]
        if depth > _MAX_DEPTH:
            message = f"the vars use each other more than {_MAX_DEPTH:,} deep"
            self.problems.append(Problem(argument.location, message))
            return
        try:
            self.known[name] = evaluate(argument.value, self.known)
        except Unevaluated as error:
            self.problems += error.problems

    def refuse_circle(self, name: str, trail: list[str]) -> None:
        circle = [*trail[trail.index(name) :], name]
        if len(circle) > _SHOWN:
            circle = [*circle[: _SHOWN - 2], "…", *circle[-2:]]
        message = f"vars use each other in a circle: {' → '.join(circle)}"
        self.problems.append(Problem(self.arguments[name].location, message))
        self.depths[name] = 0
