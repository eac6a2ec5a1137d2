"""Fields: the arguments of kinds, each with its type, its default and its documentation.

A field is written once, on its kind. The reader of YAML, the command line, the JSON Schema and the
reference pages all ask the objects of this module, so none of them can disagree with the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from math import inf
from typing import TYPE_CHECKING, Annotated, Any

from bncalc.errors import ShapeError, UsageError, suggest
from bncalc.model.field_types import (
    Boolean,
    Choice,
    Either,
    FieldType,
    Integer,
    Many,
    Number,
    Standing,
    TooLarge,
    Within,
)
from bncalc.model.registry import ACTIVATIONS, NORMS, find
from bncalc.model.shape import Shape
from bncalc.model.size_types import MOST_AXES, Axes, ByAxis, InputShape
from bncalc.named import NamedTuple
from bncalc.synonyms import meant

if TYPE_CHECKING:
    from bncalc.model.op import Op

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
        known = [field.name for field in kind.fields]
        given: dict[str, object] = {}
        for name, own in arguments.items():
            ours = name if name in known else meant(str(name), known)
            if ours is None:
                raise Within(f"{kind.word} has no argument {name!r}{suggest(str(name), known)}")
            if ours in given:
                raise Within(f"{name!r} is {ours!r}, which is given already")
            given[ours] = own
        try:
            op = kind(**given)
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
Copies = Annotated[int, Integer(1, 1000)]
"""How many layers or blocks a block places in a row."""
Copies0 = Annotated[int, Integer(0, 1000)]
"""As `Copies`, but there may be none."""
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
Real = Annotated[float, Number(-inf, inf)]
"""Any number, infinity too: what a function is given beside its map, and its cost does not show."""
Share = Annotated[float, Number(0.0, 1.0)]
"""A share of what there is, none to all."""
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
_CALLS = ("module", "function", "method")
_OF_HEIRS = ("function", "kept", "method", "own")
_UNUSUAL = (
    *("attention", "attention_apart", "attention_unbatched"),
    *("covered", "function_alone", "named", "parametrised", "unbatched", "unlisted"),
)
_FURTHER_CALLS = (
    *("in_place", "in_place_function", "kept", "own", "padded", "repeated", "strided"),
    *("attention_of_others", "axisless", "complex", "complex_function"),
    *("addmm", "attention_longer", "attention_unbiased", "matmul", "mm"),
    *_UNUSUAL,
    *[f"{call}_heir" for call in _OF_HEIRS],
    *[f"{call}_{end}" for end in ("padded", "strided") for call in (*_UNUSUAL, *_OF_HEIRS)],
    *("complex_function_padded", "complex_padded"),
    *[f"{call}_{end}_heir" for end in ("padded", "strided") for call in _OF_HEIRS],
    "unseen",
)
Called = Annotated[str, Choice((*_CALLS, *_FURTHER_CALLS, "products"))]
"""What a model calls; an operator counts as a method. The others are what PyTorch's reader finds.

`own` is a function in a layer of the model's own that holds the weights, `in_place` a module that
writes over its input, `unbatched` a module on a map without a batch,
`named` one that is given its map by name, `strided` a linear layer on a map that is not contiguous
and `padded` a convolution whose padding is a word, and all that end so, `kept` a function that no
tool replaces, `own_heir` and others that end so one in a layer derived from PyTorch's, `repeated` a
resizing by `upsample`,
`attention` what nn.MultiheadAttention calls, `attention_apart` where keys and values have widths
of their own or keys are added, `attention_longer` what it does for each key there,
`attention_unbatched` where it is not given a batch by place,
`attention_unbiased` its last layer without a bias, `matmul`, `mm` and `addmm` a product with
weights by that function of torch, `parametrised` a module whose weights are worked out by
parametrizations, `unlisted` one that ptflops does not list, `attention_of_others` what timm's
calls, `function_alone` what attention derived from PyTorch's calls if it is given one map, or a
pool with another map than it is given, `axisless` a softmax that is not told its axis, `complex`
and `complex_function` a convolution of complex numbers, `covered` a module within timm's, `unseen`
what only TorchScript or `vmap` calls.
"""
FORMS = ("trained", "fused")
Form = Annotated[str, Choice(("default", *FORMS))]
"""Whether a re-parametrised block is as trained or as fused for inference, or as the file says."""
Counts = Annotated[tuple[int, ...], Many(Integer(1))]
"""A list of whole numbers of at least 1."""


def type_in(annotated: object) -> FieldType:
    """Return the field type that one of the annotations above carries."""
    carried: FieldType = annotated.__metadata__[0]  # type: ignore[attr-defined]
    return carried


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
            if isinstance(value, str) and (meant := self._meant(value)):
                raise ValueError(f"{self.name} is {describe(value)}; write {meant}") from None
            raise ValueError(
                f"{self.name} is {describe(value)}{hint}; it must be {right}"
            ) from None

    def _meant(self, text: str) -> str:
        """Return how to write what a text means, if that would be right: a number, 3x3, yes."""
        sizes = text.lower().split("x")
        try:
            if text in _TRUTH:
                self.type.accept(_TRUTH[text])
                return describe(_TRUTH[text])
            if len(sizes) > 1:
                self.type.accept(several := [int(size) for size in sizes])
                return describe(several)
            self.type.accept(int(text) if text.isdecimal() else float(text))
        except (ValueError, TypeError):
            return ""
        return f"{text} without quotes"

    def schema(self) -> dict[str, Any]:
        default = {} if self.required or self.default is None else {"default": self.default}
        return {**self.type.schema(), **default, "description": self.doc}


_TRUTH = {"yes": True, "on": True, "no": False, "off": False}
"""What YAML 1.1 took for true and false."""


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
