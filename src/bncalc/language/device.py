"""The device file: peaks, bandwidth and memory, and where they were published."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping

from bncalc.devices import DEVICES, file_of
from bncalc.disk import DISK
from bncalc.errors import ExpressionError, Location, Problem, SpecError, UsageError, suggest
from bncalc.files import Files
from bncalc.language.nodes import MappingNode, ScalarNode, YamlNode
from bncalc.language.parser import parse
from bncalc.language.reader import NodeReader, seen
from bncalc.language.source import read_bytes
from bncalc.model.device import Device
from bncalc.quantity import quantity
from bncalc.synonyms import meant
from bncalc.work_tree import leads_out

_KEYS = {
    "name": "its name; that of the file if not given",
    "description": "what it is",
    "peak": "operations per second for each type; a MAC is two",
    "bandwidth": "bytes per second to and from memory",
    "ram": "bytes of RAM that a program can use as one contiguous block",
    "flash": "bytes of flash that a program can be stored in",
    "core": "the processor core, as in cortex-m7",
    "reserved": "bytes of `ram` and `flash` reserved for the application",
    "source": "where the figures were published, or how they were derived",
    "note": "what to keep in mind",
}
_HOLDS = "a device file holds `peak:` and `bandwidth:`, or `ram:`, or all three"
_LARGEST = 10**18


def open_device(name: str, types: Iterable[str], files: Files = DISK) -> Device:
    """Return a shipped device, or the one of a file; `types` are those a peak may be for.

    Raises SpecError for what is wrong in the file and UsageError for a name that leads nowhere.
    """
    if files.exists(name):
        return read_device(name, types, files)
    shipped = name if name in DEVICES else meant(name, DEVICES)
    if shipped is not None:
        return read_device(file_of(shipped), types)
    if name.endswith((".yaml", ".yml")) or "/" in name:
        return read_device(name, types, files)
    hint = suggest(name, DEVICES) or f"; there are {', '.join(DEVICES)}, or name a YAML file"
    raise UsageError(f"there is no file and no shipped device {name!r}{hint}")


def open_chip(name: str, types: Iterable[str], files: Files = DISK) -> Device:
    """Return a device as `open_device` does; raise UsageError for one without RAM."""
    device = open_device(name, types, files)
    if device.ram is None:
        raise UsageError(f"{device.name} has no `ram:`, so nothing says what fits")
    return device


def read_device(path: str, types: Iterable[str], files: Files = DISK) -> Device:
    """Read one device file; raise SpecError for everything that is wrong in it."""
    problems: list[Problem] = []
    try:
        root = read_bytes(files.read(path), files.called(path), _HOLDS)
        device = _File(problems).device(root, path, tuple(types))
    except SpecError as error:
        problems += error.problems
    if problems and leads_out(path):
        message = "it leads out of its repository, so its problems are not shown"
        raise SpecError([Problem(Location(path), message)])
    if problems:
        raise SpecError(problems)
    return device


class _File(NodeReader):
    def device(self, root: YamlNode, path: str, types: tuple[str, ...]) -> Device:
        if not isinstance(root, MappingNode):
            self.report(root.location, f"this is {seen(root)}; {_HOLDS}")
            return Device("")
        held = dict(self.keyed(root, _KEYS, "key"))
        self._missing(held, Location(path, *root.location[1:]))
        texts = {
            key: self.text(held[key], key)
            for key in ("name", "description", "core", "source", "note")
            if key in held
        }
        sizes = {key: self._size(held[key], key) for key in ("ram", "flash") if key in held}
        reserved = self._reserved(held["reserved"]) if "reserved" in held else {}
        stem = os.path.splitext(os.path.basename(path))[0]  # noqa: PTH119, PTH122
        return Device(
            **{"name": stem, **texts},
            peak=self._peak(held["peak"], types) if "peak" in held else {},
            bandwidth=self._rate(held["bandwidth"], "bandwidth") if "bandwidth" in held else None,
            ram=sizes.get("ram"),
            flash=sizes.get("flash"),
            reserved_ram=reserved.get("ram", 0),
            reserved_flash=reserved.get("flash", 0),
        )

    def _missing(self, held: Mapping[str, YamlNode], location: Location) -> None:
        """Report what a device cannot do without: the roofline's two keys, or memory."""
        roofline = ("peak", "bandwidth")
        if "ram" in held and not held.keys() & set(roofline):
            return
        for key in roofline:
            if key not in held:
                self.report(location, f"there is no `{key}:`; {_HOLDS}")

    def _reserved(self, node: YamlNode) -> dict[str, int]:
        entries = self.keyed_mapping(node, "reserved", ("ram", "flash"), "memory")
        return {key: self._size(value, f"reserved {key}") for key, value in entries}

    def _size(self, node: YamlNode, what: str) -> int:
        """Read bytes: with a unit, as in 320 KiB, or a whole number or an expression of bytes."""
        if isinstance(node, ScalarNode) and isinstance(node.value, str) and node.text[:1] != "=":
            try:
                size = quantity(node.text, "bytes")
            except ValueError as error:
                self.report(node.location, f"{what}: {error}")
                return 0
            if not size.share and size.number == int(size.number):
                return int(size.number)
        return self._rate(node, what, "bytes, as in 320 KiB")

    def _peak(self, node: YamlNode, types: tuple[str, ...]) -> dict[str, int]:
        entries = self.mapping(node, "peak", least=1)
        rates = self.keyed(MappingNode(entries, node.location), types, "type")
        return {name: self._rate(value, f"peak of {name}") for name, value in rates}

    def _rate(self, node: YamlNode, what: str, right: str = "a number, as in 19.5e12") -> int:
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
            if 1 <= value <= _LARGEST and value == int(value):
                return int(value)
            self.report(
                node.location, f"{what} is {value}; it must be a whole number from 1 to 10^18"
            )
            return 0
        self.report(node.location, f"{what} is {seen(node)}; it must be {right}")
        return 0
