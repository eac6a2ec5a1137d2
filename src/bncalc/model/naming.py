"""Names: a stable path for every layer, such as `stage3/2/conv2`.

A layer or part without a name of its own is called by its word, numbered where its container holds
several of that word. A norm or activation that belongs to a layer is called after it: `conv2.norm`.
Whether a word needs a number shows only when its container is complete, so paths are settled last.
"""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from bncalc.model.graph import Part


class Child(NamedTuple):
    """A layer or part in its container; an attached one belongs to the layer before it."""

    word: str
    name: str | None
    attached: bool = False
    within: "_Container | None" = None


class _Container:
    __slots__ = ("children", "start", "stop", "word")

    def __init__(self, word: str, start: int) -> None:
        self.word = word
        self.start = self.stop = start
        self.children: list[Child] = []


class Names:
    """Records layers and parts as they are placed; gives each its path in the end."""

    def __init__(self) -> None:
        self._root = _Container("", 0)
        self._open = [self._root]
        self._layers = 0

    def add(self, word: str, name: str | None, *, attached: bool = False) -> None:
        """Record one layer; an attached one is named after the layer before it."""
        self._layers += 1
        self._open[-1].children.append(Child(word, name, attached, None))

    def open(self, word: str, name: str | None) -> None:
        """Begin a part."""
        part = _Container(word, self._layers)
        self._open[-1].children.append(Child(word, name, False, part))
        self._open.append(part)

    def close(self) -> None:
        """End the part that was begun last."""
        self._open.pop().stop = self._layers

    def settle(self) -> tuple[list[str], list[Part]]:
        """Return the path of every layer, and the parts, each before the parts within it."""
        paths: list[str] = []
        parts: list[Part] = []
        _walk(self._root, "", 0, paths, parts)
        return paths, parts


def _walk(at: _Container, prefix: str, depth: int, paths: list[str], parts: list[Part]) -> None:
    for child, name in zip(at.children, names_of(at.children), strict=True):
        path = prefix + name
        if child.within is None:
            paths.append(path)
        elif child.within.stop > child.within.start:
            parts.append(
                Part(path, child.within.word, child.within.start, child.within.stop, depth)
            )
            _walk(child.within, path + "/", depth + 1, paths, parts)


def names_of(children: Sequence[Child]) -> list[str]:
    """Name the children of one container, none like another."""
    given = {child.name for child in children if child.name is not None}
    count = Counter(child.word for child in children if child.name is None and not child.attached)
    number: Counter[str] = Counter()
    names: list[str] = []
    layer = ""
    for word, name, attached, _ in children:
        if attached:
            names.append(f"{layer}.{word}")
            continue
        layer = name or word
        while name is None and (layer in given or (count[word] > 1 and layer == word)):
            number[word] += 1
            layer = f"{word}{number[word]}"
        names.append(layer)
    return names
