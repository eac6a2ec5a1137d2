"""Scopes: which entries the ids of a list stand for, and those of the lists around and inside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bncalc.model.net import Tensor
from bncalc.named import NamedTuple


class Maps(NamedTuple):
    """What an entry puts out: a map, or several that have names; and what each of its copies did.

    The `copies` are known where something reads them all.
    """

    tensors: tuple[Tensor, ...]
    names: tuple[str, ...] = ()
    copies: tuple[Tensor, ...] | None = None


class Binding(NamedTuple):
    """What an id stands for, and how many there were before it.

    An entry that was `placed` has a number there. What an id of a list `inside` stands for may be
    changed by an entry of this one; `several` lists may have it.
    """

    maps: Maps
    number: int
    placed: int | None = None
    inside: bool = False
    several: bool = False


class StageIds(NamedTuple):
    """The ids of a stage and of stages within, and how many ids there were before it."""

    ids: dict[str, Binding]
    lists: dict[str, StageIds]
    number: int


class Scope:
    """The ids of a list of entries, and the list around it.

    An id means the entry of the nearest list around. `a` within a stage `body` is `body.a` outside,
    and just `a` if no other list has that id.
    """

    __slots__ = ("_count", "around", "ids", "lists", "taken")

    def __init__(self, around: Scope | None = None) -> None:
        self.around = around
        self.ids: dict[str, Binding] = {}
        self.lists: dict[str, StageIds] = {}
        """Stages by their ids."""
        self.taken: list[tuple[str, Binding, int]] = []
        """What an id of a list inside meant until this list, or another inside, had it too."""
        self._count = 0

    @classmethod
    def of(cls, ids: Mapping[str, Maps]) -> Scope:
        """Return the scope of a list that maps arrive at, by these ids."""
        scope = cls()
        for id, maps in ids.items():
            scope.bind(id, maps)
        return scope

    def find(self, id: str) -> Binding | None:
        """Return what an id stands for in this list, seen from within it."""
        for scope in self._outwards():
            if found := scope._within(id):
                return found
        return None

    def _outwards(self) -> Iterator[Scope]:
        """Yield this list and those around it, the nearest first."""
        scope: Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.around

    def _within(self, id: str) -> Binding | None:
        """Return what an id stands for in this list or, `stage.id`, in one inside."""
        ids, lists, rest = self.ids, self.lists, id
        while rest not in ids:
            stage, _, rest = rest.partition(".")
            if not rest or stage not in lists:
                return None
            ids, lists, _ = lists[stage]
        return ids[rest]

    def bind(self, id: str, maps: Maps, placed: int | None = None) -> None:
        """Let an id stand for maps, and `id.name` for each of several."""
        self._add(id, Binding(maps, self._count, placed))
        for name, tensor in zip(maps.names, maps.tensors, strict=False):
            self._add(f"{id}.{name}", Binding(Maps((tensor,)), self._count))

    def _add(self, id: str, binding: Binding) -> None:
        known = self.ids.get(id)
        if known is not None and known.inside:
            self.taken.append((id, known, self._count))
        self.ids[id] = binding
        self._count += 1

    def has(self, id: str) -> bool:
        """Return whether an entry of this very list has an id."""
        return id in self.ids and not self.ids[id].inside

    def close(self, inner: Scope, id: str | None) -> None:
        """Let the ids of a list inside, that of the stage `id` if it has one, be seen from here."""
        if id is not None:
            self.lists[id] = StageIds(inner.ids, inner.lists, self._count)
        for name, binding in inner.ids.items():
            known = self.ids.get(name)
            if known is not None and known.inside:
                self._add(name, known._replace(number=self._count, several=True))
            elif known is None and not self._is_around(name):
                self._add(name, binding._replace(number=self._count, inside=True))

    def _is_around(self, id: str) -> bool:
        """Return whether an entry of a list around has an id."""
        return self.around is not None and any(each.has(id) for each in self.around._outwards())

    def known(self) -> tuple[int, ...]:
        """Return how many ids there are by now, here and in each list around."""
        return tuple([scope._count for scope in self._outwards()])

    def until(self, known: tuple[int, ...]) -> Scope:
        """Return what could be seen when only so many ids were known."""
        count, *further = known
        scope = Scope(self.around.until(tuple(further)) if self.around else None)
        scope.ids = {id: each for id, each in self.ids.items() if each.number < count}
        scope.ids |= {id: each for id, each, stop in self.taken if each.number < count <= stop}
        scope.lists = {id: each for id, each in self.lists.items() if each.number < count}
        scope._count = count
        return scope

    def visible(self) -> Iterator[tuple[str, Binding]]:
        """Yield the ids of the lists around and of this one, each as it can be written."""
        if self.around is not None:
            yield from self.around.visible()
        yield from self.ids.items()
        for stage, inner in self.lists.items():
            yield from [(f"{stage}.{id}", each) for id, each in inner.ids.items()]

    def whole(self, id: str) -> list[str]:
        """Return what an id that several lists have can be written as."""
        names = [
            name for name, each in self.visible() if name.endswith(f".{id}") and not each.several
        ]
        return list(dict.fromkeys(names))
