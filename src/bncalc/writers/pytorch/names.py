"""Names: what parts, layers and classes are called in Python."""

from __future__ import annotations

import keyword
import re

from bncalc.writers.tree import Branch


def identified(branch: Branch) -> Branch:
    """Return a branch in which each child has a name that Python takes, unlike those beside it."""
    taken: set[str] = set()
    children = []
    for child in branch.children:
        named = child._replace(name=_identifier(child.name, taken))
        children.append(identified(named) if isinstance(named, Branch) else named)
    return branch._replace(children=tuple(children))


def _identifier(name: str, taken: set[str]) -> str:
    plain = re.sub(r"\W", "_", name, flags=re.ASCII)
    if not plain or (plain[0].isdigit() and not plain.isdigit()) or keyword.iskeyword(plain):
        plain = f"_{plain}"
    unique, count = plain, 1
    while unique in taken:
        count += 1
        unique = f"{plain}_{count}"
    taken.add(unique)
    return unique


def attribute(name: str) -> str:
    return f"layer{name}" if name.isdigit() else name


def class_name(word: str) -> str:
    plain = "".join(c if c.isascii() and c.isalnum() else "_" for c in word)
    name = "".join(part[:1].upper() + part[1:] for part in plain.split("_"))
    return name if name and not name[0].isdigit() else f"Net{name}"
