"""Shuffles that a model writes as views, another order of axes and a view."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from bncalc.readers.shuffles import shuffle_of
from bncalc.readers.torch.placing.moving import COPIES, RESHAPES, TURNS, order_of
from bncalc.readers.torch.trace import TracedCall

_Makers = Mapping[int, TracedCall]
_VIEWS = (*RESHAPES, "unflatten", "view")


def with_shuffles(calls: Iterable[TracedCall]) -> Iterator[TracedCall]:
    """Return calls in order, the last of those that are a shuffle as the one that does it all."""
    made: dict[int, TracedCall] = {}
    for call in calls:
        made.update(dict.fromkeys([value.number for value in call.outputs], call))
        yield _shuffled(call, made)


def _shuffled(last: TracedCall, made: _Makers) -> TracedCall:
    """Return a view as the shuffle that it ends, or the call itself if it ends none."""
    turn = _maker(last, made, TURNS) if last.word in _VIEWS else None
    first = turn and _maker(turn, made, _VIEWS)
    while turn is not None and first is not None:
        x, between, after = first.values[0], turn.values[0].dims, last.outputs[0].dims
        shuffle = shuffle_of(order_of(turn), x.dims, between, after)
        if shuffle is not None:
            word = {"space_to_depth": "pixel_unshuffle"}.get(shuffle.word, shuffle.word)
            return _replaced(last, word, (x, shuffle.number, shuffle.order))
        first = _maker(first, made, _VIEWS)
    return last


def _replaced(call: TracedCall, word: str, arguments: tuple[object, ...]) -> TracedCall:
    return call._replace(word=word, arguments=arguments, named={}, is_view=False)


def _maker(call: TracedCall, made: _Makers, words: Collection[str]) -> TracedCall | None:
    """Return what made the input of a call, copies aside, if it is one of some words."""
    maker = made.get(call.values[0].number)
    while maker is not None and maker.word in COPIES:
        maker = made.get(maker.values[0].number)
    return maker if maker is not None and maker.word in words else None
