"""Nodes: what a YAML text holds, each value with its line and column."""

from bncalc.errors import Location
from bncalc.named import NamedTuple


class ScalarNode(NamedTuple):
    """One value: `text` as written (without quotes), `plain` when it was written without them."""

    value: object
    text: str
    plain: bool
    location: Location


class SequenceNode(NamedTuple):
    """A list of nodes."""

    items: tuple["YamlNode", ...]
    location: Location


class MappingNode(NamedTuple):
    """Keys and their nodes in written order; no two keys have the same text."""

    entries: tuple[tuple[ScalarNode, "YamlNode"], ...]
    location: Location

    def get(self, key: str) -> "YamlNode | None":
        """Return what stands under a key, or None where the key is not written."""
        return next((node for written, node in self.entries if written.text == key), None)

    def place_of(self, key: str) -> Location:
        """Return where a key is written; where the mapping is for one that is misspelt."""
        places = (written.location for written, _ in self.entries if written.text == key)
        return next(places, self.location)


YamlNode = ScalarNode | SequenceNode | MappingNode
