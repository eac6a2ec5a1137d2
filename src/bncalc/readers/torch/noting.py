"""Noting: what becomes of the functions that a model calls in the trace of its run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from types import FrameType
from typing import Any

import torch
from torch.nn import MultiheadAttention, Parameter

from bncalc.model.graph import Told
from bncalc.readers.torch.arguments import ModelArguments
from bncalc.readers.torch.attention import how_called
from bncalc.readers.torch.calling import CallSite, called
from bncalc.readers.torch.distinctions import is_turned, told_apart
from bncalc.readers.torch.lifetimes import storage_of
from bncalc.readers.torch.module_stack import ModuleStack
from bncalc.readers.torch.overwriting import taken, updates
from bncalc.readers.torch.placing.asides import COUNTED_ASIDE
from bncalc.readers.torch.rows import CallRows, DispatcherRows, FunctionRow
from bncalc.readers.torch.sizes import as_sizes, measured_in
from bncalc.readers.torch.stored import StoredNumbers
from bncalc.readers.torch.tensors import KnownTensors, tensors_in
from bncalc.readers.torch.told import of_attention, of_equation, told
from bncalc.readers.torch.trace import (
    LIKE_ANOTHER,
    Making,
    SizedCall,
    Trace,
    TracedCall,
    TracedTensor,
    Weight,
)
from bncalc.readers.torch.words import (
    MOVES,
    by_name,
    is_in_place,
    makes_anew,
    plain,
    tensors_read,
)

HowCalled = Callable[[TracedCall], str]
"""What says how a call was made."""


def _unfollowed(method: Callable[..., None]) -> Callable[..., None]:
    """Let a method look at tensors without telling the modes, which takes far longer."""

    @wraps(method)
    def unfollowed(*given: Any) -> None:
        with torch._C.DisableTorchFunction():
            method(*given)

    return unfollowed


class Notes:
    """What is noted of a model while it runs; `modules` are those of it that are running."""

    def __init__(
        self, model: Any, given: ModelArguments, rows: DispatcherRows, modules: ModuleStack
    ) -> None:
        self._calls: list[TracedCall] = []
        self._modules, self._rows = modules, rows
        self._known = KnownTensors()
        self._asides: list[TracedCall] = []
        self._sized: list[SizedCall] = []
        self._at_most: dict[str, str] = {}
        self._obstacles = set(_obstacles_in(model))
        rows.at_most = self._at_most_from
        self._learned: set[TracedTensor] = set()  # what has a gradient where weights have
        self._params = {name: tensor.numel() for name, tensor in model.named_parameters()}
        self._frozen = {
            name for name, tensor in model.named_parameters() if not tensor.requires_grad
        }
        self._stored = StoredNumbers(self._known)
        self._told: list[Told] = []
        self._buffers = {name: tensor.numel() for name, tensor in model.named_buffers()}
        for name, tensor in (*model.named_parameters(), *model.named_buffers()):
            self._known.weigh(tensor, frozenset([name]))
            rows.lifetimes.leave_out(tensor)
        rows.lifetimes.follow(given.tensors.values())
        self._inputs = {name: self._known.trace(tensor) for name, tensor in given.tensors.items()}

    @property
    def count(self) -> int:
        """How many calls have been noted."""
        return len(self._calls)

    def trace(self, made: Any) -> Trace:
        """Return what was noted; `made` is what the model returned."""
        return Trace(
            self._inputs,
            tuple(self._calls),
            self._known.traced_in(made) or self._known.traced_in(getattr(made, "__dict__", {})),
            self._params,
            self._buffers,
            self._modules.classes(),
            tuple(self._asides),
            tuple(self._sized),
            self._rows.lifetimes.all(),
            self._rows.lifetimes.last_rows(),
            self._at_most,
            frozenset([*self._obstacles, *(["masked"] * self._stored.any_masked)]),
            frozenset(self._frozen),
            tuple(self._stored.all),
            tuple(self._told),
        )

    def left(self, module: Any, given: Any, made: Any) -> None:
        """Note what a module that ends did besides its calls."""
        self._drop_path(module, given, made)
        if type(module) is MultiheadAttention:
            self._attended(module, given)
        self._stored.note_end(module, made)

    @_unfollowed
    def _attended(self, module: Any, given: Any) -> None:
        self._told.extend(of_attention(module, given))

    def sizes(self, word: str, args: Any, made: Any) -> Any:
        """Return what a function gives, sizes as such that know of which tensor they are."""
        number = self._known.number(args[0]) if args else None
        return as_sizes(word, made, number)

    def given_sizes(self, row: FunctionRow, word: str) -> None:
        """Note the tensors of which a function was given sizes."""
        args = row.arguments
        if word.startswith("conv_transpose"):
            args = args[:5]  # not by how much what it makes is padded
        tensors = measured_in((args, {**row.named, "groups": None}))
        if tensors:
            numbers = frozenset([each.number for each in self._known.traced_in(row.made)])
            self._sized.append(SizedCall(tensors, numbers))

    @_unfollowed
    def call(self, row: FunctionRow, word: str, rows: CallRows, how: HowCalled) -> None:
        """Note a call, or what it makes of weights alone."""
        outputs = tensors_in(row.made if word != "__setitem__" else row.arguments[0])
        if not outputs:
            return
        arguments, named = by_name(row.function, row.arguments, row.named)
        arguments = tuple([self._known.described(each) for each in arguments])
        named = {name: self._known.described(each) for name, each in named.items()}
        writes = is_in_place(word) or word == "__setitem__"
        call = TracedCall(plain(word), self._modules.path, arguments, named, writes=writes)
        call = call.told_sizes() if call.word in LIKE_ANOTHER else call
        if not (call.values or rows.macs) or makes_anew(word):
            self._of_weights(row, call, outputs, how)
            return
        shared = {storage_of(each) for each in tensors_in((row.arguments, row.named))}
        is_view = all(storage_of(each) in shared for each in outputs) and not is_in_place(word)
        self._rows.lifetimes.end_call()
        values = tuple([self._known.trace(each) for each in outputs])
        is_view = is_view and not rows.macs
        places = self._modules.places
        call = call._replace(outputs=values, macs=rows.macs, is_view=is_view, places=places)
        if outputs[0].is_floating_point() and call.word != "detach":
            given = [*call.values, *call.weights]
            self._learned.update(values if any(map(self._is_learned, given)) else ())
        self._obstacles.update(self._in_the_way(row, call))
        self._calls.append(call._replace(called=how(call)))
        self._stored.note_call(call, len(self._calls))
        self._told.extend(told(row, self._calls[-1], len(self._calls)))

    @_unfollowed
    def equation(self, row: FunctionRow, frame: FrameType, first: int) -> None:
        """Note what tools count of an equation, with the last of its products since a call.

        Without products it is one call itself, or none if no image goes into it.
        """
        products = [i + 1 for i in range(first, len(self._calls)) if self._calls[i].macs]
        products = products or [len(self._calls) if len(self._calls) > first else 0]
        self._told.extend(of_equation(row, frame, products))

    @_unfollowed
    def written_over(self, written: Any) -> None:
        """Note what becomes of other tensors of the memory of one that was written over."""
        if not self._known.is_traced(written):
            return
        for tensor, source, kind, key in updates(self._known, written):
            before, value = self._known.described(tensor), self._known.described(source)
            if kind == "part":
                value = self._follow("getitem", (value, key), taken(key, value.dims))
            elif kind == "whole":
                part = taken(key, before.dims)
                value = (
                    value if part == value.dims else self._follow("reshape", (value, part), part)
                )
                value = self._follow("setitem", (before, key, value), before.dims)
            elif kind == "unknown":
                value = self._follow("overwritten", (before, value), before.dims)
            if value.dims != before.dims:
                value = self._follow("reshape", (value, before.dims), before.dims)
            self._known.note(tensor, value)

    def _follow(self, word: str, arguments: tuple[Any, ...], dims: tuple[int, ...]) -> TracedTensor:
        """Note a call that nobody makes and that follows from another; return what it makes."""
        value, is_view = self._known.next(dims), word in ("getitem", "reshape")
        call = TracedCall(word, self._modules.path, arguments, outputs=(value,), called="method")
        self._rows.lifetimes.end_call()
        self._calls.append(call._replace(is_view=is_view, follows=True))
        return value

    def how_called(
        self, row: FunctionRow, frame: FrameType, call: TracedCall, rows: CallRows
    ) -> str:
        """Return how a call was made, as far as tools tell it apart."""
        first = call.outputs[0].dims[0] if call.outputs[0].dims else 1
        weights = [weight for weight in call.weights if weight.sources]
        how = called(CallSite(self._modules.running, row.function, frame, weights, first))
        if call.word == "scaled_dot_product_attention" and how in ("function", "kept"):
            learned = self._is_learned(call.given(3, "attn_mask"))
            return how_called(row.arguments, row.named, learned_mask=learned)
        if call.word.startswith("conv") and row.made.is_complex():
            how = _COMPLEX.get(how, how)
            return f"{how}_padded" if isinstance(call.given(4, "padding"), str) else how
        words = rows.words | {"mm"} if is_turned(call.word, row.arguments) else rows.words
        return told_apart(call, how, words, self._modules.given)

    def _at_most_from(self, word: str) -> None:
        self._at_most.setdefault(word, self._modules.name)

    def _drop_path(self, module: Any, given: Any, made: Any) -> None:
        """Note a module that drops branches while training, and calls nothing in evaluation."""
        rate = getattr(module, _DROP_PATHS.get(type(module).__name__, ""), None)
        if rate and given and made is given[0] and self._known.is_traced(made):
            row = FunctionRow(None, (made, rate), {}, made)
            self.call(row, "drop_path", CallRows(), lambda _: "method")

    def _of_weights(
        self, row: FunctionRow, call: TracedCall, outputs: list[Any], how: HowCalled
    ) -> None:
        """Note what is made of weights alone, or of none."""
        if call.word in COUNTED_ASIDE:
            shapes = [TracedTensor(-1, tuple(tensor.shape)) for tensor in outputs]
            call = call._replace(outputs=tuple(shapes))
            call = call._replace(called=how(call))
            self._asides.append(call)
            self._told.extend(told(row, call, 0))
        read = call.weights[tensors_read(call.word)]
        sources = frozenset().union(*[weight.sources for weight in read])
        moved = call.weights[:1] if call.word == "getitem" else call.weights  # others are indices
        computed = call.word not in MOVES or any(weight.is_computed for weight in moved)
        for index, tensor in enumerate(outputs):
            if not self._known.is_traced(tensor):
                self._rows.lifetimes.share(tensor)
                made = Making(call, index)
                self._known.weigh(tensor, sources, is_computed=computed, made=made)
        if call.writes and sources:
            self._known.write_over(outputs[0], call)

    def _in_the_way(self, row: FunctionRow, call: TracedCall) -> Iterator[str]:
        """Return what of a call some tools fail at, or are not shown."""
        if call.named.get("out") is not None and call.outputs[0] in self._learned:
            yield "out_given"
        if call.macs and torch.is_inference_mode_enabled():
            yield "inferred"
        for each in tensors_in((row.arguments, row.named)):
            is_learned = isinstance(each, Parameter) and each.requires_grad
            if is_learned and not self._known.described(each).sources:
                yield "unregistered"

    def _is_learned(self, given: Any) -> bool:
        """Return whether something has a gradient, unless that is turned off.

        With such a mask a CPU has no kernel for attention.
        """
        if isinstance(given, TracedTensor):
            return given in self._learned
        return isinstance(given, Weight) and not self._params.keys().isdisjoint(given.sources)


def _obstacles_in(model: Any) -> Iterator[str]:
    """Return what of a model is in the way of some tools."""
    if next(model.parameters(), None) is None:
        yield "unlearned"
    if any(type(each).__name__ == "OptimizedModule" for each in model.modules()):
        yield "compiled"


_COMPLEX = {"function": "complex_function", "module": "complex"}
"""How a convolution of complex numbers is called, which PyTorch runs as three."""
_DROP_PATHS = {"DropPath": "drop_prob", "StochasticDepth": "p"}
"""Where modules that drop a branch for an image as a whole have their rate, by their class."""
