"""Equations: what tools count of an einsum, as NumPy would work it out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence, Set
from functools import cached_property
from itertools import combinations
from math import prod

from bncalc.readers.axes import Dims

_Letters = frozenset[str]
_Order = tuple[int, list[_Letters]]
"""What products so far cost, and the terms that are left."""
_LISTED = ("abc,abd->acd", "abc,adc->adb")
"""Equations that fvcore knows, whatever their letters."""


class Equation:
    """An einsum and the sizes of its operands."""

    def __init__(self, text: str, operands: Sequence[Dims]) -> None:
        self._text = text.replace(" ", "")
        self._operands = operands

    @property
    def is_listed(self) -> bool:
        letters = dict.fromkeys(letter for letter in self._text if letter.isalpha())
        plain = dict(zip(letters, "abcdefghijklmnopqrstuvwxyz", strict=False))
        return self._text.translate({ord(each): own for each, own in plain.items()}) in _LISTED

    @property
    def by_letters(self) -> int:
        """The product of the sizes of all letters; of unlike ones the last."""
        return prod(self._sizes(last=True).values())

    @property
    def printed(self) -> int:
        """The operations that NumPy prints of the best order of products, by four digits.

        Each product costs the sizes of its letters for each factor but one, once more where it sums
        over letters, and they all cost one more.
        """
        return int(float(f"{self._best(self._terms, self._result) + 1:.3e}"))

    @cached_property
    def _tokens(self) -> list[list[str]]:
        """The axes of each operand; those of `...` are numbered from the last."""
        terms = self._text.partition("->")[0].split(",")
        return [
            _spread(term, len(dims) - len(term.replace("...", "")))
            for term, dims in zip(terms, self._operands, strict=True)
        ]

    @property
    def _terms(self) -> list[_Letters]:
        return [frozenset(tokens) for tokens in self._tokens]

    @property
    def _result(self) -> _Letters:
        _, is_said, after = self._text.partition("->")
        every = [token for tokens in self._tokens for token in tokens]
        dots = {token for token in every if token.startswith(".")}
        if is_said:
            return frozenset(after.replace("...", "")) | (dots if "..." in after else set())
        return frozenset([token for token, n in Counter(every).items() if n == 1]) | dots

    def _sizes(self, *, last: bool = False) -> dict[str, int]:
        sizes: dict[str, int] = {}
        for tokens, dims in zip(self._tokens, self._operands, strict=True):
            for token, size in zip(tokens, dims, strict=True):
                sizes[token] = size if last else max(size, sizes.get(token, 1))
        return sizes

    def _best(self, terms: list[_Letters], result: _Letters) -> int:
        """Return the cost of the best order in which no product is larger than what there is."""
        sizes = self._sizes()
        if len(terms) < 3 or frozenset().union(*terms) == result:
            return _cost(terms, result, sizes)
        most = max([_size(each, sizes) for each in (*terms, result)])
        orders = [(0, terms)]
        while len(orders[0][1]) > 1:
            longer = _longer(orders, result, sizes, most)
            if not longer:
                cost, each = min(orders, key=lambda order: order[0])
                return cost + _cost(each, result, sizes)
            orders = longer
        return orders[0][0]


def _longer(
    orders: Sequence[_Order], result: _Letters, sizes: dict[str, int], most: int
) -> list[_Order]:
    """Return orders of one product more: of those that leave the same terms the cheapest."""
    longer: dict[frozenset[tuple[_Letters, int]], _Order] = {}
    for cost, each in orders:
        for pair, rest, kept in _products(each, result):
            left, total = [*rest, kept], cost + _cost(pair, kept, sizes)
            key = frozenset(Counter(left).items())
            is_cheaper = key not in longer or total < longer[key][0]
            if _size(kept, sizes) <= most and is_cheaper:
                longer.pop(key, None)
                longer[key] = total, left
    return list(longer.values())


def _spread(term: str, dots: int) -> list[str]:
    before, is_open, after = term.partition("...")
    between = [f".{at}" for at in range(dots, 0, -1)] if is_open else []
    return [*before, *between, *after]


def _products(
    terms: list[_Letters], result: _Letters
) -> list[tuple[tuple[_Letters, ...], list[_Letters], _Letters]]:
    """Return all pairs of terms, with the others, and with the letters that a product leaves."""
    found = []
    for at in combinations(range(len(terms)), 2):
        rest = [term for i, term in enumerate(terms) if i not in at]
        pair = tuple([terms[i] for i in at])
        found.append((pair, rest, frozenset().union(*pair) & result.union(*rest)))
    return found


def _cost(terms: Sequence[_Letters], kept: Set[str], sizes: dict[str, int]) -> int:
    letters = frozenset().union(*terms)
    return _size(letters, sizes) * (max(1, len(terms) - 1) + (not letters <= kept))


def _size(letters: Set[str], sizes: dict[str, int]) -> int:
    return prod([sizes[letter] for letter in letters])
