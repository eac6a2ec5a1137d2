"""YAML text, read into nodes that know their line and column."""

from collections.abc import Callable
from typing import NoReturn

from bncalc.disk import DISK
from bncalc.errors import Location, Problem, SpecError
from bncalc.files import Files
from bncalc.language.builder import build
from bncalc.language.nodes import ScalarNode, YamlNode
from bncalc.language.syntax import place

Read = Callable[[str], YamlNode]
"""How a file is read: from the disk, a revision, or with one value edited."""

NETWORK = "a file holds alternatives to compare (`blocks:`) or one network (`layers:`)"


def read_file(path: str, holds: str = NETWORK) -> YamlNode:
    """Read one YAML file, or standard input for `-`; raise SpecError for all that is wrong.

    `holds` says what such a file holds, to who gave an empty one.
    """
    return read_bytes(DISK.read(path), DISK.called(path), holds)


def reading(files: Files) -> Read:
    """Return the way to read YAML files from the disk or a commit."""
    return lambda path: read_bytes(files.read(path), files.called(path))


def read_bytes(data: bytes, path: str, holds: str = NETWORK) -> YamlNode:
    """Read the bytes of one YAML file; raise SpecError for all that is wrong."""
    return read(_decode(data, path), path, holds)


def read(text: str, path: str, holds: str = NETWORK) -> YamlNode:
    """Read one YAML document; raise SpecError for all that is wrong in it (syntax: the first)."""
    text = text.removeprefix("\ufeff")
    strange = [letter for letter in set(text) if not letter.isprintable()]
    if stray := [text.index(letter) for letter in strange if not _may_stand(letter)]:
        at = min(stray)
        code = f"U+{ord(text[at]):04X}"
        what = "a binary file?" if text[at] == "\0" else "remove it, or write it as an escape"
        _refuse(place(text, at, path), f"control character {code} in the text ({what})")
    if not text.strip():
        _refuse(Location(path), f"the file is empty; {holds}")
    root = build(text, path)
    if root is None or (isinstance(root, ScalarNode) and root.plain and not root.text):
        _refuse(Location(path), f"the file holds nothing but comments; {holds}")
    return root


def _may_stand(character: str) -> bool:
    """Return whether YAML 1.2 lets a character stand in a text and editors agree on its line.

    Besides control characters that rules out surrogates, which libyaml cannot encode, and the three
    that YAML 1.1 takes for line breaks and editors do not: every later line would be off by one.
    """
    code = ord(character)
    if code < 0xA0:
        return 0x20 <= code <= 0x7E or character in "\t\n\r"
    return code not in (0x2028, 0x2029, 0xFFFE, 0xFFFF) and not 0xD800 <= code <= 0xDFFF


def _refuse(location: Location, message: str) -> NoReturn:
    raise SpecError([Problem(location, message)])


def _decode(data: bytes, path: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = error.object[: error.start].decode("utf-8")
        bad = error.object[error.start]
        utf16 = data.startswith((b"\xff\xfe", b"\xfe\xff"))
        hint = "; it looks like UTF-16, save it as UTF-8" if utf16 else "; save the file as UTF-8"
        if b"\0" in data and not utf16:
            hint = "; a binary file?"
        at = place(before, len(before), path)
        _refuse(at, f"byte 0x{bad:02x} is not valid UTF-8{hint}")
