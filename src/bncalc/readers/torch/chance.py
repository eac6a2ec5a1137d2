"""Chance: code that draws random numbers draws the same ones each time that it runs."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from bncalc.named import NamedTuple


class Draws:
    """The modules from which code has drawn random numbers, when it has ended."""

    modules: tuple[str, ...] = ()


class _Source(NamedTuple):
    """Where random numbers come from: a module, its state, what starts it, a number from it."""

    module: str
    state: Callable[[], Any]
    restore: Callable[[Any], object]
    start: Callable[[int], object]
    draw: Callable[[], float]


@contextmanager
def same_draws() -> Iterator[Draws]:
    """Start all random numbers anew, and go on with them afterwards as if nothing had been."""
    draws, sources = Draws(), list(_sources())
    states = [source.state() for source in sources]
    firsts = [_first(source) for source in sources]
    try:
        yield draws
        drawn = [each for each, first in zip(sources, firsts, strict=True) if each.draw() != first]
        draws.modules = tuple([each.module for each in drawn])
    finally:
        for source, state in zip(sources, states, strict=True):
            source.restore(state)


def _first(source: _Source) -> float:
    """Start a source anew, and return which number will be its first."""
    source.start(0)
    first = source.draw()
    source.start(0)
    return first


def _sources() -> Iterator[_Source]:
    """Return what is there of the modules that draw numbers; none is imported for this."""
    if python := sys.modules.get("random"):
        yield _Source("random", python.getstate, python.setstate, python.seed, python.random)
    if numpy := sys.modules.get("numpy"):
        of = numpy.random
        yield _Source("numpy.random", of.get_state, of.set_state, of.seed, of.random)
    if torch := sys.modules.get("torch"):
        of, draw = torch.default_generator, lambda: float(torch.rand((), device="cpu"))
        yield _Source("torch", of.get_state, of.set_state, of.manual_seed, draw)
