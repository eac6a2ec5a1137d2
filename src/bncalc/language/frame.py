"""Frames: what a list of entries can see while it is assembled."""

from collections.abc import Mapping
from itertools import islice

from bncalc.errors import Location
from bncalc.language.evaluation import Ambiguous
from bncalc.language.spec import Call, Entry
from bncalc.model.net import Tensor
from bncalc.named import NamedTuple


class Maps(NamedTuple):
    """What an entry puts out: a map, or several that have names; and what each of its copies did.

    The `copies` are known where something reads them all.
    """

    tensors: tuple[Tensor, ...]
    names: tuple[str, ...] = ()
    copies: tuple[Tensor, ...] | None = None


class Frame(NamedTuple):
    """Values, ids, the entries that have them, and who called.

    At the `top`, a map that nothing reads is put out. Ids `around` are of lists that hold this one,
    and may be used again; so may those of lists `inside`, of which is known if they are of several.
    """

    values: Mapping[str, object]
    ids: dict[str, Maps]
    placed: dict[str, "PlacedEntry"]
    around: set[str]
    inside: dict[str, bool]
    callers: tuple[Call, ...] = ()
    top: bool = False

    def copy(self, index: str, i: int) -> "Frame":
        """Return what one copy can see: its number, and ids of its own."""
        number = Ambiguous() if index == "i" and "i" in self.values else i
        values = {**self.values, index: number}
        return self.within()._replace(values=values, top=False)

    def within(self) -> "Frame":
        """Return what a list inside of this one can see: all that there is, and ids of its own."""
        ids, placed, inside = dict(self.ids), dict(self.placed), dict(self.inside)
        return self._replace(ids=ids, placed=placed, around=set(ids), inside=inside)

    def close(self, inner: "Frame", id: str | None) -> None:
        """Let the ids of a list inside be seen: as `id.name`, and alone unless others have them."""
        for name, maps in inner.ids.items():
            if self.ids.get(name) is maps:
                continue
            names = [f"{id}.{name}"] if id is not None else []
            if name not in self.ids:
                names.append(name)
                self.inside[name] = inner.inside.get(name, False)
            elif name in self.inside:
                self.inside[name] = True
            for each in names:
                self.ids[each] = maps
                if name in inner.placed:
                    self.placed[each] = inner.placed[name]

    def has(self, id: str) -> bool:
        """Return whether an entry of this very list has an id."""
        return id in self.ids and id not in self.around and id not in self.inside

    def take(self, id: str) -> None:
        """Let an entry have an id, whoever has it around this list or inside of it."""
        self.inside.pop(id, None)
        if id in self.around:
            self.around.discard(id)
            before = dict(self.ids)
            for name, placed in self.placed.items():
                if placed.frame.ids is self.ids:
                    frame = placed.frame._replace(ids=before)
                    self.placed[name] = placed._replace(frame=frame)

    def name(self, id: str, maps: Maps) -> None:
        """Let an id stand for maps, and `id.name` for each of several."""
        self.ids[id] = maps
        for name, tensor in zip(maps.names, maps.tensors, strict=False):
            self.ids[f"{id}.{name}"] = Maps((tensor,))

    @property
    def via(self) -> tuple[tuple[str, Location], ...]:
        return tuple((caller.word, caller.location) for caller in self.callers)


class NodeRange(NamedTuple):
    """The nodes from `start` up to `stop`."""

    start: int
    stop: int


class PlacedEntry(NamedTuple):
    """An entry with an id: what it could see, the nodes that it made, whether it went wrong.

    `known` is how many ids there were before it. The frame holds no entries: this is one of them.
    """

    entry: Entry
    frame: Frame
    known: int
    nodes: NodeRange
    broken: bool

    def again(self, placed: Mapping[str, "PlacedEntry"]) -> Frame:
        """Return what the entry could see, and no ids from within it."""
        ids = dict(islice(self.frame.ids.items(), self.known))
        return self.frame._replace(ids=ids, placed=dict(placed))
