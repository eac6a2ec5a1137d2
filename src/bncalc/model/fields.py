"""The types a field can have: what a person may write there, and what would be right.

A field is written once, on its kind. The reader of YAML, the command line, the JSON Schema and the
reference pages all ask the objects of this module, so none of them can disagree with the others.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Protocol

from bncalc.errors import ShapeError, UsageError, suggest
from bncalc.model.registry import ACTIVATIONS, NORMS, find
from bncalc.model.shape import Shape
from bncalc.named import NamedTuple
from bncalc.number import is_number, is_whole
from bncalc.synonyms import meant

if TYPE_CHECKING:
    from bncalc.model.op import Op

LARGEST = 10**9
"""No width, size or count that a person means is larger; a larger one is a slip of the keyboard."""
MOST_AXES = 3
"""A map has at most so many axes of positions: depth, height, width."""


class FieldType(Protocol):
    """What every type of field can say about itself."""

    def accept(self, value: object) -> object:
        """Return the value in canonical form; raise ValueError when it is not acceptable."""
        ...

    def schema(self) -> dict[str, Any]:
        """Return the JSON Schema of the accepted values."""
        ...

    def __str__(self) -> str:
        """Say what would be right: `a whole number of at least 1`."""
        ...


class TooLarge(ValueError):
    """A whole number above the limit, which the message says."""


class Within(ValueError):
    """A mistake within a value, which the message describes."""


class Integer(NamedTuple):
    """A whole number in a range; 2.0 is one too."""

    least: int = 1
    most: int = LARGEST

    def accept(self, value: object) -> object:
        if is_whole(value):
            if self.least <= value <= self.most:
                return value
            if value > self.most:
                raise TooLarge(f"at most {self.most:,}")
        elif is_number(value) and value % 1 == 0:
            return self.accept(math.trunc(value))
        raise ValueError

    def schema(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": self.least, "maximum": self.most}

    def __str__(self) -> str:
        return f"a whole number of at least {self.least}"


class Number(NamedTuple):
    """A finite number within limits, both included."""

    least: float = 0.0
    most: float = float(LARGEST)

    def accept(self, value: object) -> object:
        if is_number(value) and self.least <= value <= self.most:  # nan is not, either
            return value
        raise ValueError

    def schema(self) -> dict[str, Any]:
        return {"type": "number", "minimum": self.least, "maximum": self.most}

    def __str__(self) -> str:
        return f"a number from {self.least:g} to {self.most:g}"


class Boolean:
    """true or false, and nothing that merely looks like it."""

    def accept(self, value: object) -> object:
        if isinstance(value, bool):
            return value
        raise ValueError

    def schema(self) -> dict[str, Any]:
        return {"type": "boolean"}

    def __str__(self) -> str:
        return "true or false"


class Choice(NamedTuple):
    """One of a few words, or what others call it; null is `none` where that is one of them."""

    words: tuple[str, ...]

    def accept(self, value: object) -> object:
        word = "none" if value is None else value
        if isinstance(word, str):
            if word in self.words:
                return word
            if (ours := meant(word, self.words)) is not None:
                return ours
        raise ValueError

    def schema(self) -> dict[str, Any]:
        words: list[str | None] = list(self.words)
        return {"enum": [*words, None] if "none" in self.words else words}

    def __str__(self) -> str:
        return "one of " + ", ".join(self.words)


class Text(NamedTuple):
    """A name of someone's own, of at most so many characters."""

    most: int = 100

    def accept(self, value: object) -> object:
        if isinstance(value, str) and 1 <= len(value) <= self.most:
            return value
        raise ValueError

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "minLength": 1, "maxLength": self.most}

    def __str__(self) -> str:
        return f"a name of at most {self.most} characters"


class Standing(NamedTuple):
    """A word that stands for a value of another type: `valid` for no padding."""

    word: str
    value: object

    def accept(self, value: object) -> object:
        if isinstance(value, str) and value.lower() == self.word:
            return self.value
        raise ValueError

    def schema(self) -> dict[str, Any]:
        return {"enum": [self.word]}

    def __str__(self) -> str:
        return self.word


class ByAxis(NamedTuple):
    """A whole number for all axes, or a list of one for each: [height, width].

    It is held as written, (3,) or (3, 5): how many axes there are is known where a map arrives.
    With `ends` the list may also have two for each axis: [top, bottom, left, right].
    """

    least: int = 1
    ends: bool = False

    def accept(self, value: object) -> object:
        each = Integer(self.least)
        if isinstance(value, (list, tuple)):
            if not 1 <= len(value) <= self._most:
                raise ValueError
            return tuple([each.accept(size) for size in value])
        return (each.accept(value),)

    def schema(self) -> dict[str, Any]:
        each = Integer(self.least).schema()
        listed = {"type": "array", "items": each, "minItems": 1, "maxItems": self._most}
        return {"anyOf": [each, listed]}

    @property
    def _most(self) -> int:
        return MOST_AXES * (1 + self.ends)

    def __str__(self) -> str:
        both = ", or two for each: [top, bottom, left, right]" if self.ends else ""
        return f"{Integer(self.least)}, or one for each axis: [height, width]{both}"


class Axes(NamedTuple):
    """Axes of a map by their names, or counted from 0, the channels: one of them, or a list.

    They are held by number: names count from the last axis, `positions` are all but the channels.
    """

    def accept(self, value: object) -> object:
        names = value if isinstance(value, (list, tuple)) else (value,)
        if not names:
            raise ValueError
        return tuple(
            [AXES.get(name, name) if name in AXES else _AXIS.accept(name) for name in names]
        )

    def schema(self) -> dict[str, Any]:
        named: dict[str, Any] = {"enum": [*AXES, *range(1 + MOST_AXES)]}
        return {"anyOf": [named, {"type": "array", "items": named, "minItems": 1}]}

    def __str__(self) -> str:
        return f"{', '.join(AXES)}, a number from 0, or a list of these"


POSITIONS = "positions"
AXES: Mapping[str, int | str] = {
    "channels": 0,
    POSITIONS: POSITIONS,
    "depth": -3,
    "height": -2,
    "width": -1,
}


_AXIS = Integer(-MOST_AXES, MOST_AXES)


def is_by_axis(type: FieldType, *, ends: bool = False) -> bool:
    """Return whether a field of a type can hold a size for each axis, or for each end of it."""
    if isinstance(type, Either):
        return any(is_by_axis(member, ends=ends) for member in type.types)
    return isinstance(type, ByAxis) and type.ends >= ends


class InputShape:
    """The shape of an input: a list of its channels and the size of each axis, or 3x224x224."""

    def accept(self, value: object) -> object:
        if isinstance(value, str):
            parts = value.replace("x", ",").split(",")
            value = [int(part) for part in parts if part.strip().isdecimal()]
            if len(value) != len(parts):
                raise ValueError
        if isinstance(value, (list, tuple)) and 1 <= len(value) <= 1 + MOST_AXES:
            return Shape(*[Integer().accept(size) for size in value])  # type: ignore[arg-type]
        raise ValueError

    def schema(self) -> dict[str, Any]:
        size = Integer().schema()
        sizes = {"type": "array", "items": size, "minItems": 1, "maxItems": 1 + MOST_AXES}
        return {"anyOf": [sizes, {"type": "string", "pattern": r"^\d+([x,]\d+){0,3}$"}]}

    def __str__(self) -> str:
        return "[channels, height, width], or channels and any 0 to 3 sizes, each at least 1"


class Many(NamedTuple):
    """A list of values of one type."""

    of: FieldType
    least: int = 1
    most: int = 10_000

    def accept(self, value: object) -> object:
        if isinstance(value, (list, tuple)) and self.least <= len(value) <= self.most:
            return tuple(self.of.accept(item) for item in value)
        raise ValueError

    def schema(self) -> dict[str, Any]:
        limits = {"minItems": self.least, "maxItems": self.most}
        return {"type": "array", "items": self.of.schema(), **limits}

    def __str__(self) -> str:
        return f"a list, each item {self.of}"


class Either(NamedTuple):
    """What the first of several types accepts."""

    types: tuple[FieldType, ...]

    def accept(self, value: object) -> object:
        reason = ValueError()
        for one in self.types:
            try:
                return one.accept(value)
            except ValueError as error:
                reason = error if isinstance(error, TooLarge) else reason
        raise reason

    def schema(self) -> dict[str, Any]:
        return {"anyOf": [one.schema() for one in self.types]}

    def __str__(self) -> str:
        return ", or ".join(map(str, self.types))


class Nothing:
    """The absence of a value: YAML's null."""

    def accept(self, value: object) -> object:
        if value is None:
            return None
        raise ValueError

    def schema(self) -> dict[str, Any]:
        return {"type": "null"}

    def __str__(self) -> str:
        return "nothing"


_UNSAID = ("default", "none")


class Following(NamedTuple):
    """An op that follows a layer: its word, or its word with arguments, `{group: {groups: 8}}`."""

    words: tuple[str, ...]
    ending: str
    example: str

    def accept(self, value: object) -> object:
        if isinstance(value, str) and (value in _UNSAID or value in self.words):
            return value
        if isinstance(value, Mapping):
            return self._configured(value)
        if getattr(value, "word", "").removesuffix(self.ending) in self.words:
            return value
        return self._word.accept(value)

    def _configured(self, value: Mapping[object, object]) -> object:
        """Return the op that a mapping describes, or its word alone where nothing is unusual."""
        words = [word for word in value if word in self.words]
        arguments = value[words[0]] if words else None
        if len(value) > 1 or not isinstance(arguments, Mapping):
            raise ValueError
        kind = find(f"{words[0]}{self.ending}")
        for name in arguments:
            if kind.field(name) is None:
                known = [field.name for field in kind.fields]
                raise Within(f"{kind.word} has no field {name!r}{suggest(str(name), known)}")
        try:
            op = kind(**arguments)
        except ShapeError as error:
            raise Within(str(error)) from None
        return op if op != kind() else words[0]

    @property
    def _word(self) -> Choice:
        return Choice((*_UNSAID, *self.words))

    def schema(self) -> dict[str, Any]:
        known = {word: {"$ref": f"#/$defs/{word}{self.ending}"} for word in self.words}
        limits = {"additionalProperties": False, "minProperties": 1, "maxProperties": 1}
        return {"anyOf": [self._word.schema(), {"type": "object", "properties": known, **limits}]}

    def __str__(self) -> str:
        return f"{self._word}, or with arguments as in {self.example}"


Count = Annotated[int, Integer(1)]
"""Channels, groups, repeats: a whole number of at least 1."""
Natural = Annotated[int, Integer(0)]
"""A whole number that may be zero."""
Sizes = Annotated[tuple[int, ...], ByAxis(1)]
"""A kernel, stride or dilation: one number for all axes, or one for each: [height, width]."""
Ends = Annotated[tuple[int, ...], ByAxis(0, ends=True)]
"""One number for all ends of all axes, one for each axis, or two: [top, bottom, left, right]."""
Sizes0 = Annotated[tuple[int, ...], ByAxis(0)]
"""As `Sizes`, but zero is allowed."""
Order = Annotated[tuple[int, ...], Many(Integer(0, MOST_AXES), most=1 + MOST_AXES)]
"""Axes in an order, counted from 0, the channels."""
Over = Annotated[tuple[int | str, ...], Axes()]
"""Axes of a map, by name or by number."""
Ratio = Annotated[float, Number(0.0, 10_000.0)]
"""A factor: a width multiplier, an expansion, a share."""
Padding = Annotated[
    tuple[int, ...] | str,
    Either((ByAxis(0, ends=True), Choice(("default", "same")), Standing("valid", (0,)))),
]
"""Positions added at both ends of each axis; `same` as TensorFlow means it, `valid` is none."""
Act = Annotated["str | Op", Following(tuple(ACTIVATIONS), "", "{prelu: {slopes: channel}}")]
"""An activation; `default` is the file's."""
Norm = Annotated[
    "str | Op",
    Following(
        tuple([word.removesuffix("_norm") for word in NORMS]), "_norm", "{group: {groups: 8}}"
    ),
]
"""A normalisation; `default` is the file's."""
Bias = Annotated[bool | str, Either((Boolean(), Choice(("default",))))]
"""true, false, or the file's `default`."""
Called = Annotated[str, Choice(("module", "function", "method"))]
"""What a model calls; an operator counts as a method."""
Form = Annotated[str, Choice(("default", "trained", "fused"))]
"""Whether a re-parametrised block is as trained or as fused for inference, or as the file says."""
Counts = Annotated[tuple[int, ...], Many(Integer(1))]
"""A list of whole numbers of at least 1."""


def type_in(annotated: object) -> FieldType:
    """Return the field type that one of the annotations above carries."""
    found: FieldType = annotated.__metadata__[0]  # type: ignore[attr-defined]
    return found


class Field(NamedTuple):
    """One argument of a kind: its name, type, default and one line of documentation."""

    name: str
    type: FieldType
    default: object
    doc: str

    @property
    def required(self) -> bool:
        return self.default is ...

    def accept(self, value: object) -> object:
        """Return the canonical value; raise ValueError saying what was seen and what is right."""
        try:
            return self.type.accept(value)
        except Within as error:
            raise ValueError(f"{self.name}: {error}") from None
        except (ValueError, TypeError) as error:
            right = error if isinstance(error, TooLarge) else self.type
            hint = suggest(value, _words(self.type)) if isinstance(value, str) else ""
            raise ValueError(
                f"{self.name} is {describe(value)}{hint}; it must be {right}"
            ) from None

    def schema(self) -> dict[str, Any]:
        default = {} if self.required or self.default is None else {"default": self.default}
        return {**self.type.schema(), **default, "description": self.doc}


def _words(type: FieldType) -> Iterator[str]:
    """Yield the words that a type accepts."""
    yield from getattr(type, "words", ())
    for other in getattr(type, "types", ()):
        yield from _words(other)


INPUT = Field("input", InputShape(), ..., "channels, then the size of each axis")


def input_shape(given: object) -> Shape:
    """Return the shape that a caller gives for an input; raise UsageError otherwise."""
    try:
        shape = INPUT.accept(given)
    except ValueError as error:
        raise UsageError(str(error)) from None
    assert isinstance(shape, Shape)
    return shape


def describe(value: object) -> str:
    """Write a value the way a person wrote it, shortened where it is long."""
    words = {True: "true", False: "false", None: "null"}
    if value is None or isinstance(value, bool):
        return words[value]
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, Iterable) and not isinstance(value, str):
        text = "[" + ", ".join(describe(item) for item in value) + "]"
    else:
        text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
