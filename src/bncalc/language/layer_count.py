"""Layer count: how many layers a network has at least, told from its file without building it."""

from bncalc.errors import Location
from bncalc.language.spec import Call, Definition, Entry, EntryContent, Group, Join, SameAs, Spec

MAX_LAYERS = 300_000


class TooMany(Exception):
    """Raised at the place with which a network passes the bound, however its values come out."""

    def __init__(self, location: Location) -> None:
        self.location = location
        super().__init__(str(location))


class LayerCount:
    """Counts the layers of entries. What depends on a value counts as none."""

    def __init__(self) -> None:
        self._known: dict[int, int | None] = {}  # None while it is being counted

    def of(self, entries: tuple[Entry, ...]) -> int:
        """Return the fewest layers that entries can have; raise TooMany beyond the bound."""
        total = 0
        for entry in entries:
            total += self._of_entry(entry)
            if total > MAX_LAYERS:
                raise TooMany(entry.what.location)
        return total

    def _of_entry(self, entry: Entry) -> int:
        if entry.condition is not None:
            return 0
        layers = self._of_one(entry.what)
        if entry.repeat is None:
            return layers
        count = entry.repeat.value if entry.repeat.literal else 0
        return layers * count if isinstance(count, int) else 0

    def _of_one(self, what: EntryContent) -> int:
        if isinstance(what, Group):
            return self.of(what.layers)
        if isinstance(what, Join):
            return sum(map(self.of, what.branches)) + 1
        if isinstance(what, SameAs):
            return 0
        if isinstance(what.kind, Spec):
            return self._of_own(what, what.kind)
        return 0 if what.kind is None else 1

    def _of_own(self, call: Call, file: Spec) -> int:
        definition: Definition = file.definitions[call.word]
        key = id(definition)
        if key not in self._known:
            self._known[key] = None
            self._known[key] = self.of(definition.layers)
        return self._known[key] or 0
