"""The device file: peaks, a bandwidth and where they were published."""

from __future__ import annotations

import os
from collections.abc import Iterable

from bncalc.devices import DEVICES, file_of
from bncalc.errors import Location, Problem, SpecError, UsageError, suggest
from bncalc.language.expression import ExpressionError
from bncalc.language.nodes import MappingNode, Node, ScalarNode
from bncalc.language.parser import parse
from bncalc.language.reader import Reader, seen
from bncalc.language.source import read_file
from bncalc.model.device import Device

KEYS = {
    "name": "what it is called; the file's name if not given",
    "description": "what it is",
    "peak": "operations a second by type; a MAC is two",
    "bandwidth": "bytes a second to and from memory",
    "source": "where the figures were published, or how they were derived",
    "note": "what to mind",
}
HOLDS = "a device file holds `peak:` and `bandwidth:`"
LARGEST = 10**18


def open_device(name: str, types: Iterable[str]) -> Device:
    """Return a shipped device, or the one of a file; `types` are those a peak may be for.

    Raises SpecError for what is wrong in the file and UsageError for a name that leads nowhere.
    """
    if os.path.exists(name):  # noqa: PTH110 - as in `locate`
        return read_device(name, types)
    if name in DEVICES:
        return read_device(file_of(name), types)
    if name.endswith((".yaml", ".yml")) or "/" in name:
        return read_device(name, types)
    hint = suggest(name, DEVICES) or f"; there are {', '.join(DEVICES)}, or name a YAML file"
    raise UsageError(f"--device: there is no file and no shipped device {name!r}{hint}")


def read_device(path: str, types: Iterable[str]) -> Device:
    """Read one device file; raise SpecError for everything that is wrong in it."""
    problems: list[Problem] = []
    device = _File(problems).device(read_file(path, HOLDS), path, tuple(types))
    if problems:
        raise SpecError(problems)
    return device


class _File(Reader):
    def device(self, root: Node, path: str, types: tuple[str, ...]) -> Device:
        if not isinstance(root, MappingNode):
            self.report(root.location, f"this is {seen(root)}; {HOLDS}")
            return Device("", {}, 0)
        found = dict(self.keyed(root, KEYS, "key"))
        for key in ("peak", "bandwidth"):
            if key not in found:
                self.report(Location(path, *root.location[1:]), f"there is no `{key}:`; {HOLDS}")
        peak = self._peak(found["peak"], types) if "peak" in found else {}
        bandwidth = self._rate(found["bandwidth"], "bandwidth") if "bandwidth" in found else 0
        texts = {
            key: self.text(found[key], key)
            for key in ("name", "description", "source", "note")
            if key in found
        }
        stem = os.path.splitext(os.path.basename(path))[0]  # noqa: PTH119, PTH122
        return Device(**{"name": stem, **texts}, peak=peak, bandwidth=bandwidth)

    def _peak(self, node: Node, types: tuple[str, ...]) -> dict[str, int]:
        entries = self.mapping(node, "peak", least=1)
        found = self.keyed(MappingNode(entries, node.location), types, "type")
        return {name: self._rate(value, f"peak of {name}") for name, value in found}

    def _rate(self, node: Node, what: str) -> int:
        """Read a rate: a whole number of at least 1, written out or as an expression."""
        value = node.value if isinstance(node, ScalarNode) else None
        if isinstance(node, ScalarNode) and node.plain and node.text.startswith("="):
            try:
                value = parse(node.text[1:]).evaluate({})
            except ExpressionError as error:
                at = node.location._replace(column=node.location.column + 1 + error.offset)
                self.report(at, error.message)
                return 0
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            if 1 <= value <= LARGEST and value == int(value):
                return int(value)
            self.report(
                node.location, f"{what} is {value}; it must be a whole number from 1 to 10^18"
            )
            return 0
        self.report(node.location, f"{what} is {seen(node)}; it must be a number, as in 19.5e12")
        return 0
