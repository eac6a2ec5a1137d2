"""Waiting parts: those without a class, and which words have all that their parts hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from heapq import heappop, heappush

from bncalc.writers.tree import Subtree


class WaitingParts:
    """Gives parts word by word, those within others first."""

    def __init__(
        self, parts: Iterable[Subtree], within: Callable[[Subtree], Iterable[Subtree]]
    ) -> None:
        self._of_word: dict[str, list[Subtree]] = {}
        self._holders: dict[int, list[Subtree]] = {}
        self._left: Counter[int] = Counter()
        """How many parts within a part are waiting."""
        self._lacks: Counter[str] = Counter()
        for part in parts:
            self._of_word.setdefault(part.word, []).append(part)
            for inner in within(part):
                self._holders.setdefault(id(inner), []).append(part)
                self._left[id(part)] += 1
                self._lacks[part.word] += 1
        self._words = list(self._of_word)
        self._places = {word: place for place, word in enumerate(self._words)}
        self._ready = [place for place, word in enumerate(self._words) if not self._lacks[word]]

    def __bool__(self) -> bool:
        return bool(self._of_word)

    def take(self) -> list[Subtree]:
        """Return the parts of the first word that is ready; of words in a circle some of one."""
        while self._ready:
            word = self._words[heappop(self._ready)]
            if word in self._of_word:
                return self._taken(self._of_word.pop(word))
        word, ready = next(self._in_a_circle())
        self._of_word[word] = [part for part in self._of_word[word] if self._left[id(part)]]
        return self._taken(ready)

    def _in_a_circle(self) -> Iterator[tuple[str, list[Subtree]]]:
        for word, parts in self._of_word.items():
            if ready := [part for part in parts if not self._left[id(part)]]:
                yield word, ready

    def _taken(self, parts: list[Subtree]) -> list[Subtree]:
        for part in parts:
            for holder in self._holders.get(id(part), ()):
                self._left[id(holder)] -= 1
                self._lacks[holder.word] -= 1
                if not self._lacks[holder.word]:
                    heappush(self._ready, self._places[holder.word])
        return parts
