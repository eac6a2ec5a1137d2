"""Subjects: what can be varied, a model or a block, and how it is built with other values."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Protocol

from bncalc.disk import DISK
from bncalc.errors import UsageError, refuse_unknown
from bncalc.files import Files
from bncalc.model.building import Defaults
from bncalc.model.field_types import Integer
from bncalc.model.fields import Field, describe
from bncalc.model.graph import Graph
from bncalc.model.net import graph_of
from bncalc.model.op import Block
from bncalc.model.registry import WORDS, find
from bncalc.model.shape import Shape
from bncalc.number import is_number
from bncalc.opening.family import ModelFamily
from bncalc.opening.name import parse
from bncalc.opening.setting import setting_value
from bncalc.search.evaluation import DesignValues

_SIZES: Mapping[int, tuple[str, ...]] = {1: ("length",), 2: ("h", "w"), 3: ("d", "h", "w")}
"""What the sizes of an input are called, by its number of axes; `size` is all of them."""


class SearchSubject(Protocol):
    """Something that has a cost once its values are known."""

    @property
    def title(self) -> str:
        """What it is called."""
        ...

    @property
    def now(self) -> Mapping[str, object]:
        """What can be varied, each with its present value; None where it has none."""
        ...

    @property
    def is_ours(self) -> bool:
        """Whether it is built by bncalc's own language, through which a formula's symbols go."""
        ...

    @property
    def variables(self) -> Collection[str]:
        """What can be varied and may be any number, as the vars of a file may."""
        ...

    def written(self, values: DesignValues) -> dict[str, object]:
        """Return those values that a file holds, sizes as the whole input."""
        ...

    def graph(self, values: DesignValues, *, counting: bool = True) -> Graph:
        """Return the graph with some values replaced.

        If `counting`, one copy of a repeat may stand for several alike.
        """
        ...


class BlockSubject:
    """A single block: its fields, and the sizes of the input map."""

    is_ours = True
    variables = ()

    def __init__(
        self,
        kind: type[Block],
        fields: Mapping[str, object],
        input: Shape,
        defaults: Defaults | None = None,
    ) -> None:
        self.kind = kind
        self.title = kind.word
        self._fields = fields
        self._input = input
        self._defaults = defaults

    @property
    def now(self) -> Mapping[str, object]:
        fields = {field.name: field.default for field in self.kind.fields}
        given = {name: None if value is ... else value for name, value in fields.items()}
        return {**sizes_of(self._input), **given, **self._fields}

    def written(self, values: DesignValues) -> dict[str, object]:
        return {}

    def graph(self, values: DesignValues, *, counting: bool = True) -> Graph:
        input = resized(self._input, values)
        fields = {name: value for name, value in values.items() if self.kind.field(name)}
        return graph_of(self.kind(**{**self._fields, **fields}), input, self._defaults)


def need_symbols(subject: SearchSubject, names: Iterable[str]) -> None:
    """Raise UsageError if a model in another format is asked for the formula of its own values."""
    own = [name for name in names if name in subject.now]
    if own and not subject.is_ours:
        raise UsageError(
            f"there is no formula in {own[0]}: {subject.title} is read anew for each value; "
            f"`bncalc export {subject.title} -o net.yaml` writes a model that has one"
        )


def block_subject(word: str, fields: Mapping[str, object], input: Shape) -> BlockSubject:
    """Return a block by its word; raise UsageError for a field that it has not."""
    kind = find(word)
    for name in fields:
        refuse_unknown(f"{word} has no argument", name, [field.name for field in kind.fields])
    return BlockSubject(kind, fields, input)


def sizes_of(input: Shape) -> dict[str, object]:
    """Return an input, its sizes by name, and `size` where its axes are alike."""
    names = _SIZES.get(input.axes, ())
    alike = {"size": input.space[0]} if len({*input.space}) == 1 else {}
    sizes = dict(zip(names, input.space, strict=True))
    return {"input": tuple(input), "cin": input.channels, **sizes, **alike}


def resized(input: Shape, values: DesignValues) -> Shape:
    """Return an input with those of its sizes that values name.

    Raises UsageError for what is no size, and for two names that set the same one.
    """
    names = _SIZES.get(input.axes, ())
    given = [name for name in ("input", "size") if name in values]
    given += [name for name in names if name in values][:1]
    if len(given) > 1:
        raise UsageError(f"{given[0]} and {given[1]} set the same sizes; give one of them")
    if "input" in values:
        input = _input_of(values["input"], input)
    space = [_size("size", values.get("size", size)) for size in input.space]
    sizes = [_size(name, values.get(name, size)) for name, size in zip(names, space, strict=True)]
    return Shape(_size("cin", values.get("cin", input.channels)), *sizes)


def _input_of(value: Any, own: Shape) -> Shape:
    """Read an input as a model's name has it: a size of all axes, or of each, or channels first."""
    sizes = [value] * own.axes if is_number(value) else value
    channels = () if len(sizes) > own.axes else (own.channels,)
    if not isinstance(sizes, tuple | list) or len(channels) + len(sizes) != len(own):
        right = f"write one size, one for each of {own.axes} axes, or the channels and those"
        raise UsageError(f"input is {describe(value)}; {right}")
    return Shape(*channels, *[_size("input", size) for size in sizes])


def _size(name: str, value: object) -> int:
    try:
        size = Field(name, Integer(1), ..., "").accept(value)
    except ValueError as error:
        raise UsageError(str(error)) from None
    return size  # type: ignore[return-value]


class ModelSubject:
    """A model: its variables, and the sizes of its input that no variable is called like."""

    def __init__(self, family: ModelFamily) -> None:
        self.title = str(family.name)
        self.is_ours = family.is_ours
        self._family = family
        self._variables = family.variables
        input = family.input({})
        self._sizes = {
            name: size
            for name, size in (sizes_of(input) if input else {}).items()
            if name not in self._variables
        }
        items = [(name, items) for name, items in self._variables.items() if type(items) is tuple]
        self._items = {
            f"{name}[{at}]": item for name, items in items for at, item in enumerate(items)
        }

    @property
    def now(self) -> Mapping[str, object]:
        return {**self._variables, **self._items, **self._sizes}

    @property
    def variables(self) -> Collection[str]:
        return self._variables.keys() | self._items.keys()

    def written(self, values: DesignValues) -> dict[str, object]:
        held = {name: value for name, value in values.items() if name not in self._sizes}
        held = {name: value for name, value in held.items() if name in self.now}
        input = self._family.input({})
        sizes = {name: value for name, value in values.items() if name in self._sizes}
        return {**held, "input": tuple(resized(input, sizes))} if input and sizes else held

    def graph(self, values: DesignValues, *, counting: bool = True) -> Graph:
        settings = {name: value for name, value in values.items() if name in self._variables}
        for name in values:
            if name in self._items:
                settings.update(self._with_item(name, values[name], settings))
        if not any(name in self._sizes for name in values):
            return self._family.graph(settings, counting=counting)
        input = self._family.input(settings)
        assert input is not None
        sizes = {name: value for name, value in values.items() if name in self._sizes}
        return self._family.graph(settings, resized(input, sizes), counting=counting)

    def _with_item(self, name: str, item: object, settings: DesignValues) -> dict[str, object]:
        """Return a list with another item in one place."""
        variable, _, place = name.removesuffix("]").partition("[")
        items = list(settings.get(variable, self._variables[variable]))
        items[int(place)] = item
        return {variable: tuple(items)}


def subject_of(model: str, files: Files = DISK) -> SearchSubject:
    """Return what a name means: a block by its kind, or else a model."""
    name = parse(model)
    if name.path not in WORDS or name.part:
        return ModelSubject(ModelFamily(name, files=files))
    fields = {key: setting_value(key, text) for key, text in name.settings.items()}
    cin = fields.pop("cin", 256)
    given = name.input or Shape(56)
    input = given if len(given) > 1 else Shape(cin, given[0], given[0])  # type: ignore[arg-type]
    return block_subject(name.path, fields, input)
