"""Names: a stable path for every layer, such as `stage3/2/conv2`.

A layer or part without a name of its own is called by its word, numbered where its container holds
several of that word. A norm or activation that belongs to a layer is called after it: `conv2.norm`.
Whether a word needs a number shows only when its container is complete, so paths are settled last.
"""

from collections.abc import Container, Sequence

from bncalc.model.graph import Part
from bncalc.model.op import Block
from bncalc.named import NamedTuple, new

INPUT = "in"
"""The word of an input."""
_OF_AN_INPUT = "_input"


class NamedChild(NamedTuple):
    """A layer or part in its container; an attached one belongs to the layer before it."""

    word: str
    name: str | None
    attached: bool = False
    within: "_Container | None" = None


class _Container:
    """What a part holds. Parts that are alike may be one container, in several places."""

    __slots__ = ("block", "children", "layers", "places", "word")

    def __init__(self, word: str, block: Block | None = None) -> None:
        self.word = word
        self.block = block
        self.layers = 0
        self.places = 1
        self.children: list[NamedChild] = []


class Names:
    """Records layers and parts as they are placed; gives each its path in the end."""

    def __init__(self) -> None:
        self._root = _Container("")
        self._open = [self._root]
        self._starts: list[int] = []
        self._layers = 0

    def add(self, word: str, name: str | None, attached: bool = False) -> None:
        """Record one layer; an attached one is named after the layer before it."""
        self._layers += 1
        self._open[-1].children.append(new(NamedChild, (word, name, attached, None)))

    def open(self, word: str, name: str | None, block: Block | None = None) -> None:
        """Begin a part, that of a block of ours if one is given."""
        part = _Container(word, block)
        self._open[-1].children.append(NamedChild(word, name, False, part))
        self._open.append(part)
        self._starts.append(self._layers)

    def fill(self, block: Block) -> None:
        """Record that the open part is a block of ours."""
        self._open[-1].block = block

    def close(self) -> None:
        """End the part that was begun last."""
        self._open.pop().layers = self._layers - self._starts.pop()

    def mark(self) -> int:
        """Return where in the open part the next child will be."""
        return len(self._open[-1].children)

    def since(self, mark: int) -> tuple[NamedChild, ...]:
        """Return the children that the open part has had since a mark."""
        return tuple(self._open[-1].children[mark:])

    def again(
        self, children: Sequence[NamedChild], layers: int, names: Sequence[str | None]
    ) -> None:
        """Record the same children once more for each name, the first of them by that name."""
        own, first, others = self._open[-1].children, children[:1], children[1:]
        for name in names:
            own += [new(NamedChild, (word, name, False, within)) for word, _, _, within in first]
            own += others
        for child in children:
            if child.within is not None:
                child.within.places += len(names)
        self._layers += layers * len(names)

    def settle(self) -> tuple[list[str], list[Part]]:
        """Return the path of every layer, and the parts, each before the parts within it."""
        return _settled(self._root)


def _settled(root: _Container) -> tuple[list[str], list[Part]]:
    """Walk through a container without recursion: parts may lie a thousand deep in parts."""
    paths: list[str] = []
    parts: list[Part] = []
    alike: dict[int, tuple[list[str], list[Part]]] = {}
    walks = [("", zip(root.children, names_of(root.children), strict=True))]
    while walks:
        prefix, walk = walks[-1]
        for child, name in walk:
            path, within = prefix + name, child.within
            if within is None:
                paths.append(path)
            elif within.layers:
                start, depth = len(paths), len(walks) - 1
                stop = start + within.layers
                parts.append(new(Part, (path, within.word, start, stop, depth, within.block)))
                if within.places == 1:
                    names = names_of(within.children)
                    walks.append((path + "/", zip(within.children, names, strict=True)))
                    break
                if id(within) not in alike:
                    alike[id(within)] = _settled(within)
                inner, smaller = alike[id(within)]
                paths += [f"{path}/{layer}" for layer in inner]
                parts += [_moved(part, f"{path}/", start, depth + 1) for part in smaller]
        else:
            walks.pop()
    return paths, parts


def _moved(part: Part, prefix: str, start: int, depth: int) -> Part:
    """Return a part of a container as it is in one of the container's places."""
    path, word, begin, stop, within, block = part
    return new(Part, (prefix + path, word, start + begin, start + stop, depth + within, block))


def input_meant(name: str, known: Container[str]) -> str:
    """Return the input that is called so: `depth_input` may be the `depth` of a file or of code."""
    own = name.removesuffix(_OF_AN_INPUT)
    return own if name not in known and own in known else name


def names_of(children: Sequence[NamedChild]) -> list[str]:
    """Name the children of one container, none like another.

    An input of the same name as a layer or a part, as in `self.depth(depth)`, is `depth_input`.
    """
    given = {child.name for child in children}
    placed = {child.name for child in children if child.word != INPUT}
    seen: set[str] = set()
    several: set[str] = set()
    for word, name, attached, _ in children:
        if name is None and not attached:
            (several if word in seen else seen).add(word)
    number: dict[str, int] = {}
    names: list[str] = []
    layer = ""
    for word, name, attached, _ in children:
        if attached:
            names.append(f"{layer}.{word}")
            continue
        layer = name or word
        if word == INPUT and name and name in placed:
            layer = name + _OF_AN_INPUT
        while name is None and (layer in given or (layer == word and word in several)):
            number[word] = number.get(word, 0) + 1
            layer = f"{word}{number[word]}"
        names.append(layer)
    return names
