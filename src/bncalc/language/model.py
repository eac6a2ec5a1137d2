"""A model, by any name that a person gives it: a path, `path#name`, a shipped name, or `-`."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, cast

from bncalc import wildcard
from bncalc.errors import Location, Problem, SpecError, UsageError, instead, suggest
from bncalc.language.assembly import assemble
from bncalc.language.decoder import argument_of, decode
from bncalc.language.evaluation import Unevaluated, evaluate, variables
from bncalc.language.grammar import DEFAULTS
from bncalc.language.nodes import Node
from bncalc.language.origin import Design
from bncalc.language.source import Read, read, read_file
from bncalc.language.spec import UNREADABLE, Argument, Spec
from bncalc.model.fields import INPUT, input_shape
from bncalc.model.graph import Graph
from bncalc.model.net import Defaults
from bncalc.model.shape import Shape
from bncalc.model.window import counted
from bncalc.zoo import MODELS, file_of


class Overrides(NamedTuple):
    """What a call sets by hand, over what the file says."""

    vars: Mapping[str, str] = {}
    input: Shape | None = None
    defaults: Mapping[str, object] = {}


class Model(NamedTuple):
    """The designs that a name stands for, in the file's order, and which is the baseline."""

    designs: tuple[Design, ...]
    baseline: str
    alternatives: bool
    """Whether the file holds alternatives to compare, and not one network."""
    files: Mapping[str, Node]
    """All that was read, by path: the model's own file, then those that it includes."""
    overrides: Overrides
    variant: str | None = None
    title: str = ""
    source: str = ""

    @property
    def graphs(self) -> tuple[Graph, ...]:
        return tuple([one.graph for one in self.designs])


class NoDesign(UsageError):
    """A file holds no design of the name that is asked for."""


NO_OVERRIDES = Overrides()


def open_model(name: str, overrides: Overrides = NO_OVERRIDES, read: Read = read_file) -> Model:
    """Return the designs that a name stands for.

    `path#design` picks one alternative or variant. Raises SpecError for what is wrong in the file
    and UsageError for a name that leads nowhere.
    """
    return open_file(*locate(name), overrides, read)


def open_file(path: str, part: str, overrides: Overrides, read: Read = read_file) -> Model:
    """Return the designs of a file, or the one that `part` names; raise NoDesign without it."""
    spec, problems, files = _decoded(path, read)
    return _model(spec, problems, part, overrides, files)


def load(
    model: str, *, vars: Mapping[str, str] | None = None, input: tuple[int, ...] | None = None
) -> tuple[Graph, ...]:
    """Return the designs of a file, of `FILE#name` or of a shipped network.

    `vars` sets vars of the file, each as YAML text; `input` is (channels, height, width), with
    as many sizes as the file's own.
    Raises SpecError for what is wrong in the file, UsageError for a name that leads nowhere.
    """
    for name, text in (vars or {}).items():
        if not isinstance(text, str):
            raise UsageError(f"var {name} is {text!r}; it must be YAML text, such as '{text}'")
    shape = None if input is None else input_shape(input)
    return open_model(model, Overrides(vars or {}, shape)).graphs


def open_models(
    name: str, overrides: Overrides = NO_OVERRIDES, read: Read = read_file
) -> tuple[Model, ...]:
    """Return every variant of a file that has variants, where the name picks none; else one."""
    path, part = locate(name)
    spec, problems, files = _decoded(path, read)
    parts = [part] if part or not spec.variants else list(spec.variants)
    return tuple([_model(spec, list(problems), one, overrides, files) for one in parts])


def locate(name: str) -> tuple[str, str]:
    """Return the file that a name stands for, and the design within it, if it picks one."""
    path, _, part = name.partition("#") if name != "-" else (name, "", "")
    if path == "-" or os.path.exists(path):  # noqa: PTH110 - pathlib costs as much as the command
        return path, part
    if path in MODELS:
        return file_of(path), part or path
    if path.endswith((".yaml", ".yml")) or "/" in path:
        return path, part
    hint = suggest(path, MODELS) or "; `bncalc list models` shows all"
    raise UsageError(f"there is no file and no shipped model {path!r}{hint}")


def expand(names: Sequence[str]) -> list[str]:
    """Return the names with globs replaced by the models they match, in order of name."""
    found: list[str] = []
    for name in names:
        path, mark, part = name.partition("#")
        if wildcard.is_magic(path) and not Path(path).exists():
            from bncalc.language.selection import is_model

            matches = [file for file in wildcard.find(path) if is_model(file)]
            if not matches:
                raise UsageError(f"no file matches {path!r}")
            found += [match + mark + part for match in matches]
        else:
            found.append(name)
    return found


def _decoded(path: str, read: Read) -> tuple[Spec, list[Problem], dict[str, Node]]:
    """Decode a file; return it with all that was read on the way."""
    files: dict[str, Node] = {}

    def remembering(path: str) -> Node:
        files[path] = read(path)
        return files[path]

    return *decode(path, remembering), files


def _model(
    spec: Spec,
    problems: list[Problem],
    part: str,
    overrides: Overrides,
    files: Mapping[str, Node],
) -> Model:
    variant = None
    if part in spec.variants:
        variant, title = part, part
    elif part and part not in spec.blocks and part != _stem(spec.path):
        known = (*spec.blocks, *spec.variants)
        hint = instead(part, known)
        raise NoDesign(f"{spec.path} holds no design {part!r}{hint}")
    else:
        title = spec.name or _stem(spec.path)
    settings = dict(spec.variants.get(variant, {})) if variant else {}
    settings.update(_by_hand(spec, overrides.vars))
    values = variables(spec, settings, problems)
    shape = _input(spec, values, overrides, problems)
    defaults = _defaults(spec, values, overrides, problems)
    if part in spec.blocks:
        spec.blocks = {part: spec.blocks[part]}
    usable = {key: value for key, value in values.items() if value is not UNREADABLE}
    made = assemble(spec, usable, shape, defaults, title)
    problems.extend(made.problems)
    if problems:
        raise SpecError(problems)
    names = [one.graph.name for one in made.designs]
    baseline = spec.baseline if spec.baseline in names else names[0]
    alternatives = spec.layers is None
    title, source = spec.name or title, spec.source
    return Model(made.designs, baseline, alternatives, files, overrides, variant, title, source)


def _by_hand(spec: Spec, settings: Mapping[str, str]) -> dict[str, Argument]:
    found = {}
    for name, text in settings.items():
        if name not in spec.vars:
            hint = instead(name, spec.vars)
            raise UsageError(f"--set {name}: {spec.path} has no var {name!r}{hint}")
        found[name] = argument_of(read(text or "null", f"--set {name}"))
    return found


def _input(
    spec: Spec, values: dict[str, object], overrides: Overrides, problems: list[Problem]
) -> Shape | None:
    """Return the input that a call gives, or the file's own: both have as many axes."""
    given, own = overrides.input, _own_input(spec, values, problems)
    if given is None:
        if spec.input is None and not problems:
            problems.append(Problem(Location(spec.path), "the file has no `input:`"))
        return own
    if own is not None and own.axes != given.axes:
        both = f"the input {given} has {counted(given.axes)} and that of {spec.path}"
        raise UsageError(f"{both}, {own}, has {own.axes}")
    return given


def _own_input(spec: Spec, values: dict[str, object], problems: list[Problem]) -> Shape | None:
    if spec.input is None:
        return None
    try:
        return cast(Shape, INPUT.accept(evaluate(spec.input.value, values)))
    except Unevaluated as error:
        problems.append(error.problem)
    except ValueError as error:
        problems.append(Problem(spec.input.location, str(error)))
    return None


def _defaults(
    spec: Spec, values: dict[str, object], overrides: Overrides, problems: list[Problem]
) -> Defaults:
    found: dict[str, object] = {}
    for name, argument in spec.defaults.items():
        try:
            found[name] = DEFAULTS[name].accept(evaluate(argument.value, values))
        except Unevaluated as error:
            problems.append(error.problem)
        except ValueError as error:
            problems.append(Problem(argument.location, str(error)))
    found.update(overrides.defaults)
    return Defaults(**{k: v for k, v in found.items() if v != "default"})  # type: ignore[arg-type]


def _stem(path: str) -> str:
    return os.path.splitext(os.path.basename(path))[0]  # noqa: PTH119, PTH122 - as above
