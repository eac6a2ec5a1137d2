"""A model file: its spec becomes designs, one reading for each variant that is wanted."""

import os
from collections.abc import Iterator, Mapping
from typing import Self

from bncalc.errors import Location, Problem, SpecError, UsageError, hint_for
from bncalc.language.assembly import assemble
from bncalc.language.decoder import decode
from bncalc.language.evaluation import Unevaluated, evaluate
from bncalc.language.grammar import DEFAULTS
from bncalc.language.input import inputs_of
from bncalc.language.source import Read
from bncalc.language.spec import Argument, Spec
from bncalc.language.stamping import KeptStamps
from bncalc.language.values import argument_of
from bncalc.language.variables import variables
from bncalc.model.building import Defaults
from bncalc.model.reading import NoDesign, Reading, Request
from bncalc.model.shape import Shape


def read_language(
    request: Request, read: Read, kept: KeptStamps | None = None
) -> tuple[Reading, ...]:
    """Read a file of bncalc's own language; `read` gives the nodes of it and of what it includes.

    `kept` are what the calls of other files have made. Raises SpecError for what is wrong in the
    file, NoDesign for a part that it has not, UsageError for settings of other variables than its
    own.
    """
    file = LanguageFile.read(request.path, read)
    parts = list(file.spec.variants) if request.every and not request.part else [request.part]
    requests = [request._replace(part=part) for part in parts or [""]]
    return tuple([file.reading(each, kept=kept) for each in requests])


class LanguageFile:
    """A file that is decoded once and gives readings for any settings."""

    def __init__(self, spec: Spec, problems: list[Problem]) -> None:
        self.spec = spec
        self._problems = problems

    @classmethod
    def read(cls, path: str, read: Read) -> Self:
        """Decode a file and all that it includes; a text that is not YAML raises SpecError."""
        return cls(*decode(path, read))

    def reading(
        self, request: Request, *, counting: bool = False, kept: KeptStamps | None = None
    ) -> Reading:
        """Return what a request asks for; raise SpecError for what is wrong.

        With `counting` one copy of a repeated entry may stand for several alike. `kept` are what
        the calls of other readings have made.
        """
        return _reading(self.spec, list(self._problems), request, counting, kept)

    def values(self, request: Request) -> tuple[dict[str, object], Shape | None]:
        """Return the variables and the input that a request leads to."""
        problems = list(self._problems)
        values = _values(self.spec, problems, request)
        shape = next(iter(inputs_of(self.spec, values, request, problems).values()))
        if any(problem.level == "error" for problem in problems):
            raise SpecError(problems)
        return values, shape


def _values(spec: Spec, problems: list[Problem], request: Request) -> dict[str, object]:
    variant = _variant(spec, request)
    settings = {
        **(spec.variants[variant] if variant else {}),
        **_by_hand(spec, request, problems),
    }
    return variables(spec, settings, problems)


def _reading(
    spec: Spec, problems: list[Problem], request: Request, counting: bool, kept: KeptStamps | None
) -> Reading:
    part = request.part
    variant = _variant(spec, request)
    values = _values(spec, problems, request)
    inputs = inputs_of(spec, values, request, problems)
    defaults = _defaults(spec, values, request.defaults, problems)
    bodies = {part: spec.blocks[part]} if part in spec.blocks else spec.blocks
    title = variant or spec.name or _stem(spec.path)
    stamps = None if kept is None else kept.under(defaults, values, spec.definitions)
    assembled = assemble(
        spec, bodies, values, inputs, defaults, title, counting=counting, stamps=stamps
    )
    problems.extend(assembled.problems)
    if any(problem.level == "error" for problem in problems):
        raise SpecError(problems)
    problems.extend(assembled.unread)
    names = [design.graph.name for design in assembled.designs]
    return Reading(
        designs=assembled.designs,
        baseline=spec.baseline if spec.baseline in names else names[0],
        alternatives=spec.layers is None,
        variant=variant,
        warnings=tuple(problems),
        notes=tuple(_notes(spec, variant, request.settings)),
    )


def _variant(spec: Spec, request: Request) -> str | None:
    """Return the variant that a part names, None for an alternative or the file as a whole."""
    part = request.part
    if part in spec.variants:
        return part
    if part and part not in spec.blocks and part != _stem(spec.path):
        hint = hint_for(part, (*spec.blocks, *spec.variants))
        raise NoDesign(f"{request.called or spec.called} holds no design {part!r}{hint}")
    return None


def _by_hand(spec: Spec, request: Request, problems: list[Problem]) -> dict[str, Argument]:
    """Return what a call sets; raise UsageError for what is not a variable of the file."""
    arguments = {}
    called = request.called or spec.called
    for name, value in request.settings.items():
        if name in spec.inputs:
            continue
        if name not in spec.vars:
            named = [key for key in spec.inputs if key != "in"]  # what a single input is called
            hint = hint_for(name, (*spec.vars, *named))
            raise UsageError(f"{called} has no variable {name!r} to set{hint}")
        arguments[name] = argument_of(value, Location(f"{called}@{name}"), problems)
    return arguments


def _notes(spec: Spec, variant: str | None, settings: Mapping[str, object]) -> Iterator[str]:
    for name in settings:
        if variant and name in spec.variants[variant]:
            yield f"the variant {variant!r} sets {name} itself; the value given here overrides it"


def _defaults(
    spec: Spec, values: dict[str, object], given: Mapping[str, object], problems: list[Problem]
) -> Defaults:
    chosen: dict[str, object] = {}
    for name, argument in spec.defaults.items():
        try:
            chosen[name] = DEFAULTS[name].accept(evaluate(argument.value, values))
        except Unevaluated as error:
            problems += error.problems
        except ValueError as error:
            problems.append(Problem(argument.location, str(error)))
    chosen.update(given)
    return Defaults(**{name: value for name, value in chosen.items() if value != "default"})  # type: ignore[arg-type]


def _stem(path: str) -> str:
    return os.path.splitext(os.path.basename(path))[0]  # noqa: PTH119, PTH122 - as above
