"""Parts: layers with the paths of their modules are placed in a net as a tree.

A part is a stretch of layers without a gap. A module that runs again, or whose layers lie among
those of others, becomes a part at each time: `head`, `head_2`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import ExitStack

from bncalc.model.net import Net

PartPath = tuple[str, ...]


class Parts:
    """Opens and closes the parts of a net as its layers come, each with the path of its module.

    A module whose path is the beginning of another's is a part; any other is one layer, or, with
    layers of several kinds, a part too.
    """

    def __init__(
        self, net: Net, paths: Iterable[PartPath], classes: Mapping[PartPath, str]
    ) -> None:
        self._net = net
        self._classes = classes
        self._open: list[tuple[str, ExitStack, dict[str, int]]] = []
        self._within: PartPath = ()
        self._root: dict[str, int] = {}
        counted = Counter(paths)
        self._inner = {path[:i] for path in counted for i in range(len(path))}
        self._inner |= {path for path, count in counted.items() if count > 1}

    def enter(self, path: PartPath) -> str | None:
        """Open the parts that a layer lies in; return its own name, None where it has none."""
        self.open(path)
        return None if path in self._inner or not path else self._unique(path[-1])

    def open(self, path: PartPath) -> None:
        """Open the parts that a layer lies in."""
        within = path if path in self._inner else path[:-1]
        if within == self._within:
            return
        self._within, same = within, 0
        for name, (open_name, _, _) in zip(within, self._open, strict=False):
            if name != open_name:
                break
            same += 1
        self.close(same)
        for depth in range(same, len(within)):
            self._enter(within[: depth + 1])

    def close(self, keep: int = 0) -> None:
        """Close the parts that are open, all but the outermost."""
        while len(self._open) > keep:
            self._open.pop()[1].close()

    def _enter(self, path: PartPath) -> None:
        name, stack = self._unique(path[-1]), ExitStack()
        stack.enter_context(self._net.part(self._classes.get(path, "module"), name))
        self._open.append((path[-1], stack, {}))

    def _unique(self, name: str) -> str:
        names = self._open[-1][2] if self._open else self._root
        times = names[name] = names.get(name, 0) + 1
        return name if times == 1 else self._unique(f"{name}_{times}")
