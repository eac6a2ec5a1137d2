"""Recording: a model is built and run on the meta device, and each call is noted.

Two modes at once: one sees the functions that the model calls, with the arguments that a person
wrote; the other, beneath it, the rows of the dispatcher that each of them comes to, with their
MACs. Functions that are whole networks of calls are noted by those rows.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import torch
from torch._C._functorch import is_functorch_wrapped_tensor
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from bncalc.named import NamedTuple
from bncalc.readers.torch.arguments import ModelArguments
from bncalc.readers.torch.building import built
from bncalc.readers.torch.calling import OPENED
from bncalc.readers.torch.keeping import KeptMaps, counterparts, withdrawn
from bncalc.readers.torch.lifetimes import Lifetime
from bncalc.readers.torch.meta import on_meta
from bncalc.readers.torch.module import Loaded
from bncalc.readers.torch.module_stack import ModuleStack
from bncalc.readers.torch.noting import HowCalled, Notes
from bncalc.readers.torch.on_cpu import as_on_cpu
from bncalc.readers.torch.overwriting import written_by
from bncalc.readers.torch.rows import (
    CallRows,
    DispatcherRows,
    FunctionRow,
)
from bncalc.readers.torch.tensors import tensors_in
from bncalc.readers.torch.trace import Trace, TracedCall
from bncalc.readers.torch.tracing import products_beside
from bncalc.readers.torch.words import word_of


class KeptRun(NamedTuple):
    """What training keeps, by the calls in evaluation.

    The code of the classes that are `untrained` ran as in evaluation. `missed` are the numbers of
    the calls in evaluation whose weights it did not read, and of those that draw numbers only where
    the code around them is in training.
    """

    maps: tuple[Lifetime, ...]
    untrained: tuple[str, ...]
    missed: tuple[int, ...]


class Recording:
    """What a model does with one image, in evaluation, as its `trace` says.

    Nothing is worked out and no weight is looked at: tensors on the meta device have sizes alone.
    """

    def __init__(self, loaded: Loaded) -> None:
        self._model, self._given, drawn = built(loaded)
        own = _learned(self._model)  # a run may put others in their place
        self.trace = _run(self._model, self._given)
        if _learned(self._model).keys() != own.keys():  # it makes layers when it first runs
            own = _learned(self._model)
            self.trace = _run(self._model, self._given)
        drawn = tuple(dict.fromkeys((*drawn, *self.trace.drawn)))
        self.trace = self.trace._replace(drawn=drawn)
        self._own = [each.untyped_storage() for each in own.values()]

    def kept(self, images: int) -> KeptRun | None:
        """Run the model as training does, and return what it keeps of so many images.

        Code of the model that does not run so is in evaluation; and if it is made for one image,
        each keeps as much. None if nothing is known: no product with weights keeps anything, or it
        makes other calls each time that it runs.
        """
        for count in dict.fromkeys((images, 1)):
            _mode(self._model.train)
            out: set[type] = set()
            is_left = True
            while is_left:
                kept, error = KeptMaps(self._own), None
                try:
                    trace = _run(self._model, self._given.of_images(count), kept)
                    if self._is_alike(trace) and (kept.all or not _has_products(trace)):
                        return self._kept_run(trace, kept, images // count, out)
                except Exception as raised:  # whatever code may raise that is made for other uses
                    error = raised
                more = withdrawn(self._model, error, out)
                out, is_left = out | more, bool(more)
        return None

    def _kept_run(self, trace: Trace, kept: KeptMaps, times: int, out: Collection[type]) -> KeptRun:
        numbers = [*counterparts(trace.calls, self.trace.calls), 0]
        maps = [
            each._replace(elements=each.elements * times, first=numbers[each.first])
            for each in kept.all
        ]
        undropped = _undropped(trace, numbers) if out else []
        untrained = tuple(sorted([each.__name__ for each in out]))
        return KeptRun(tuple(maps), untrained, (*self._missed(trace), *undropped))

    def products_beside(self) -> int | None:
        """Trace the model, and return the elements of the products that no input goes into.

        None if it cannot be traced.
        """
        _mode(self._model.eval)
        with suppress(Exception):  # whatever code may raise that was not made for it
            return products_beside(self._model, self._given)
        return None

    def _is_alike(self, other: Trace) -> bool:
        """Return whether layers that run in both runs do so as often."""
        ours, theirs = _layers(self.trace), _layers(other)
        return all(theirs[layer] in (0, times) for layer, times in ours.items())

    def _missed(self, other: Trace) -> Iterator[int]:
        """Return the calls that read weights of which another run reads none."""
        read = frozenset().union(*map(_sources, other.calls))
        for number, call in enumerate(self.trace.calls):
            if _sources(call) and read.isdisjoint(_sources(call)):
                yield number


def _learned(model: Any) -> dict[str, Any]:
    return dict((*model.named_parameters(), *model.named_buffers()))


def _mode(put: Callable[[], object]) -> None:
    with suppress(Exception):  # an exported program is in evaluation or not
        put()


def _undropped(trace: Trace, numbers: Sequence[int]) -> list[int]:
    """Return which calls of dropout code has made in evaluation, by their numbers there."""
    return [
        number
        for call, number in zip(trace.calls, numbers, strict=False)
        if "dropout" in call.word and call.called != "module" and not call.given(2, "training")
    ]


def _layers(trace: Trace) -> Counter[tuple[object, str]]:
    """Return how often each module calls a function that reads what was learned."""
    return Counter([(call.path, call.word) for call in trace.calls if _sources(call)])


def _sources(call: TracedCall) -> frozenset[str]:
    return frozenset().union(*[each.sources for each in call.weights])


def _has_products(trace: Trace) -> bool:
    """Return whether a layer multiplies by weights that it learns: training keeps its input."""
    return any(call.macs and _sources(call) - trace.frozen for call in trace.calls)


def _run(model: Any, given: ModelArguments, kept: KeptMaps | None = None) -> Trace:
    """Return what a model does, and follow what is kept for the backward pass if that is asked."""
    rows, modules = DispatcherRows(), ModuleStack(model)
    notes = Notes(model, given, rows, modules)
    following, recorder = modules.following(notes.left), _Recorder(notes, rows, modules, kept)
    gradients = kept.following() if kept else torch.no_grad()
    with on_meta() as draws, gradients, following, rows, recorder:
        made = model(*given.by_place, **given.by_name)
    return notes.trace(made)._replace(drawn=draws.modules)


class _Recorder(TorchFunctionMode):
    """Sees what a model calls while it runs, and has it noted."""

    def __init__(
        self, notes: Notes, rows: DispatcherRows, modules: ModuleStack, kept: KeptMaps | None
    ) -> None:
        super().__init__()
        self._notes, self._rows, self._modules, self._kept = notes, rows, modules, kept
        rows.listener = lambda row: self._note_row(row, lambda _: "unseen")

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if any(is_functorch_wrapped_tensor(each) for each in tensors_in((args, kwargs))):
            return func(*args, **(kwargs or {}))  # of what `vmap` calls, rows are seen
        frame, word = sys._getframe(1), word_of(func)
        if word in OPENED:
            return self._opened(func, args, kwargs or {})
        is_einsum, notes = word == "einsum", self._notes
        with self._rows.of_call(holds=is_einsum) as rows, self._failing(word, args):
            made, written = written_by(as_on_cpu(func), args, kwargs or {})
            made = notes.sizes(word, args, made)
        row, first = FunctionRow(func, args, kwargs or {}, made), notes.count
        if is_einsum and rows.macs:
            for each in rows.held:
                self._note_row(each, lambda call: "equation" if call.macs else "method")
        else:
            notes.call(row, word, rows, lambda call: notes.how_called(row, frame, call, rows))
        if is_einsum:
            notes.equation(row, frame, first)
        if self._kept:
            self._kept.see(row, notes.count - 1)
        for tensor in written:
            notes.written_over(tensor)
        notes.given_sizes(row, word)
        return made

    @contextmanager
    def _failing(self, word: str, args: Any) -> Iterator[None]:
        """Say of an error which function had which sizes, and in which module."""
        try:
            yield
        except Exception as error:
            if not hasattr(error, "__notes__"):
                sizes = ["×".join(map(str, each.shape)) or "a number" for each in tensors_in(args)]
                of = f" of {' and '.join(sizes)}" if sizes else ""
                place = f", in {self._modules.name}" if self._modules.name else ""
                error.add_note(f"{word}{of}{place}")
            raise

    def _note_row(self, row: FunctionRow, how: HowCalled) -> None:
        """Note a row as a call: of a function that is taken apart, or that no mode sees."""
        rows = CallRows()
        rows.see(row)
        self._notes.call(row, row.word, rows, how)

    def _opened(self, func: Any, args: Any, kwargs: Any) -> Any:
        """Run a function of Python's with the calls that it makes noted in its place."""
        name = OPENED[word_of(func)]
        asks = getattr(functional, name)

        def once(*_: Any) -> bool:
            setattr(functional, name, asks)
            return False

        setattr(functional, name, once)
        try:
            with self:
                return func(*args, **kwargs)
        finally:
            setattr(functional, name, asks)
