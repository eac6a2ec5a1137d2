"""Merging: an own block and a shorter one become one, with entries that depend on an argument.

So a residual block with a projection and those without are copies of one block.
"""

from __future__ import annotations

import re

from bncalc.writers.sharing import matched
from bncalc.writers.yaml.definition import AlikeBodies
from bncalc.writers.yaml.entry import Body, WrittenEntry, form_of


def merge(longer: AlikeBodies, shorter: AlikeBodies) -> bool:
    """Let a group take over another, whose entries are some of its own; return whether it can."""
    if longer.flag or shorter.flag:
        return False
    body, other = longer.example, shorter.example
    if (body.inputs, body.outputs) != (other.inputs, other.outputs):
        return False
    if len(body.entries) == len(other.entries):
        return False
    matches = matched(body.entries, other.entries, _is_alike)
    sources, others = _sources(body), _sources(other)
    if matches is None or sources is None or others is None:
        return False
    missing = next(entry for entry, at in zip(body.entries, matches, strict=True) if at is None)
    longer.flag = flag = re.sub(r"\W+", "_", f"with_{missing.name}", flags=re.ASCII)
    for position, (entry, at) in enumerate(zip(body.entries, matches, strict=True)):
        entry.is_referred = True  # a name that a word gives would depend on what is there
        if at is None:
            entry.condition = flag
        elif sources[position] != others[at]:
            entry.condition, entry.otherwise = flag, others[at]
            entry.sources = sources[position]
        elif position and matches[position - 1] is None:
            entry.sources = sources[position]
    for inner in shorter.bodies:
        row = [None if at is None else inner.entries[at] for at in matches]
        longer.bodies.append(inner)
        longer.rows.append(row)
    return True


def _is_alike(entry: WrittenEntry, other: WrittenEntry) -> bool:
    return form_of(entry, wired=False) == form_of(other, wired=False)


def _sources(body: Body) -> list[tuple[str, ...]] | None:
    """Return what each entry takes by name, None where that has no single name."""
    sources, flowing = [], body.inputs[:1]
    for entry in body.entries:
        sources.append(entry.sources or flowing)
        if len(entry.gives) != 1:
            return None
        flowing = (entry.name,)
    return sources
