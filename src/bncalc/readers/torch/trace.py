"""What is known of a model that ran: its calls in order, and the tensors that went in and out."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from math import isnan, prod
from typing import Any, Literal

from bncalc.model.graph import Stored, Told
from bncalc.named import NamedTuple
from bncalc.readers.axes import Dims
from bncalc.readers.torch.lifetimes import Lifetime

LIKE_ANOTHER = {
    "expand_as": "expand",
    "reshape_as": "reshape",
    "to": "to",
    "type_as": "to",
    "view_as": "view",
}
"""What makes its first tensor like its second in sizes or type, and what is told such, by name."""


class TracedTensor(NamedTuple):
    """A tensor that depends on the input: its number, and its sizes, the batch first."""

    number: int
    dims: Dims


class Making:
    """How a tensor that depends on no input was made: the call, and which of its outputs it is.

    One is only equal to itself, so that comparing weights never follows how they were made.
    """

    __slots__ = ("call", "output")

    def __init__(self, call: TracedCall, output: int) -> None:
        self.call, self.output = call, output


class Weight(NamedTuple):
    """A tensor that depends on no input: what was learned that it is made of, and its sizes.

    `is_computed` says whether it is worked out from others, and not only moved or put together;
    `made` is the last call that did so. A parameter, a buffer or a plain constant has none. What
    holds no decimal numbers has a `dtype`, `long` for whole numbers of any width.
    """

    sources: frozenset[str]
    dims: Dims
    is_computed: bool = False
    made: Making | None = None
    dtype: Literal["", "bool", "long"] = ""

    @property
    def size(self) -> int:
        return prod(self.dims)

    def is_derived(self, params: Container[str]) -> bool:
        """Return whether it is worked out from learned numbers, which `params` names."""
        return self.is_computed and any(name in params for name in self.sources)


class TracedCall(NamedTuple):
    """A function that was called.

    `word` is its name without the underscores that say how it works. `macs` are those of the rows
    of the dispatcher that it came to; `called` says who called it, in the language's words.
    """

    word: str
    path: tuple[str, ...]
    arguments: tuple[Any, ...]
    named: Mapping[str, Any] = {}
    outputs: tuple[TracedTensor, ...] = ()
    called: str = ""
    macs: int = 0
    is_view: bool = False
    writes: bool = False
    """Whether it may write over a part of what another call has made."""
    places: int = 1
    """In how many places of the model the module is that called it."""
    follows: bool = False
    """Whether no code calls it: a view is made anew of what was written over in its memory."""

    def given(self, index: int, name: str, default: Any = None) -> Any:
        """Return an argument, by its name or its place."""
        if name in self.named:
            return self.named[name]
        return self.arguments[index] if index < len(self.arguments) else default

    def recalled(self, words: Mapping[str, str]) -> TracedCall:
        """Return the call as made in another way, where one of these ways is replaced."""
        return self._replace(called=words.get(self.called, self.called))

    def having(self, given: Any, other: Any) -> TracedCall:
        """Return the call with something else in the place of one of its arguments."""
        arguments = tuple([other if each is given else each for each in self.arguments])
        named = {name: other if each is given else each for name, each in self.named.items()}
        return self._replace(arguments=arguments, named=named)

    def told_sizes(self) -> TracedCall:
        """Return a call that makes a weight like a tensor of the input as told that one's sizes."""
        first, second, *_ = (*self.all, None, None)
        if not (isinstance(first, Weight) and isinstance(second, TracedTensor)):
            return self
        word = LIKE_ANOTHER[self.word]
        sizes = () if word == "to" else (second.dims,)
        return self._replace(word=word, arguments=(first, *sizes), named={})

    def number(self, index: int, name: str, usual: float) -> float:
        """Return an argument that is a number, and the usual one where it is not known."""
        given = self.given(index, name, usual)
        return given if isinstance(given, int | float) and not isnan(given) else usual

    @property
    def values(self) -> list[TracedTensor]:
        """The tensors that it read, in order, lists opened."""
        return [each for each in self._tensors() if isinstance(each, TracedTensor)]

    @property
    def weights(self) -> list[Weight]:
        return [each for each in self._tensors() if isinstance(each, Weight)]

    @property
    def all(self) -> tuple[Any, ...]:
        """All that it was given, in order, by place or by name."""
        return (*self.arguments, *self.named.values())

    def _tensors(self) -> Iterator[Any]:
        for each in self.all:
            if isinstance(each, (list, tuple)) and not isinstance(each, (TracedTensor, Weight)):
                yield from each
            else:
                yield each


class SizedCall(NamedTuple):
    """A call that was given sizes of tensors: the numbers of these, and of those that it made.

    It may have made none of the input.
    """

    tensors: frozenset[int]
    outputs: frozenset[int]


class Trace(NamedTuple):
    """A run of a model, its inputs by name: `params` and `buffers` are the elements of each."""

    inputs: Mapping[str, TracedTensor]
    calls: tuple[TracedCall, ...]
    outputs: tuple[TracedTensor, ...]
    params: Mapping[str, int]
    buffers: Mapping[str, int]
    classes: Mapping[tuple[str, ...], str]
    asides: tuple[TracedCall, ...] = ()
    """Calls that depend on no input, of a kind that some tools count."""
    sized: tuple[SizedCall, ...] = ()
    lifetimes: tuple[Lifetime, ...] = ()
    """How long memory was held, in rows of the dispatcher."""
    last_rows: tuple[int, ...] = ()
    """The last row of each call."""
    at_most: Mapping[str, str] = {}
    """What made sizes that depend on content, in order, and the module where it first did."""
    obstacles: frozenset[str] = frozenset()
    """What some tools fail at, or are not shown: rows so called in the table of their rules."""
    frozen: frozenset[str] = frozenset()
    """The params that have no gradient."""
    stored: tuple[Stored, ...] = ()
    """What torchinfo counts of each module that ran, by calls, from 1, in place of nodes."""
    told: tuple[Told, ...] = ()
    """What tools count of calls by what these were given, by calls in place of nodes."""
    drawn: tuple[str, ...] = ()
    """The modules that random numbers were drawn from."""

    def only_joins(self, value: TracedTensor) -> bool:
        """Return whether nothing is done with a tensor but to put it beside others."""
        if value in self.outputs:
            return False
        readers = [call for call in self.calls if value in call.values]
        return all(
            call.word in CONCATENATIONS
            or (call.is_view and all(map(self.only_joins, call.outputs)))
            for call in readers
        )


CONCATENATIONS = ("cat", "concat", "concatenate")
"""What puts tensors beside each other, by its plain name."""


def idle(trace: Trace) -> frozenset[int]:
    """Return the numbers of the tensors that no output depends on, nor what is written over.

    It depends on a tensor too of which it takes a size.
    """
    needed = {value.number for value in trace.outputs}
    sizes: dict[int, set[int]] = {}
    for sized in trace.sized:
        for number in sized.outputs:
            sizes.setdefault(number, set()).update(sized.tensors)
        needed.update(() if sized.outputs else sized.tensors)
    idle: set[int] = set()
    for call in reversed(trace.calls):
        made = {value.number for value in call.outputs}
        if call.writes or not trace.outputs or not needed.isdisjoint(made):
            needed.update([value.number for value in call.values])
            needed.update(*[sizes.get(number, ()) for number in made])
        else:
            idle |= made
    return frozenset(idle)
