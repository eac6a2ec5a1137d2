"""Wildcards in paths: `*` and `?` within a name, `**` across folders, matched without backtracking.

Time grows with the length of the pattern times that of the path, whatever a hostile pattern says,
and files are found in one walk that enters no folder twice.
"""

import os
from collections.abc import Iterator
from functools import cache

_ANY = "**"


def is_magic(pattern: str) -> bool:
    """Return whether a pattern can match more than the path that it spells."""
    return "*" in pattern or "?" in pattern


def matches(pattern: str, path: str, *, hidden: bool = True) -> bool:
    """Return whether a pattern matches the whole of a path; both have slashes.

    Without `hidden`, a name that begins with a dot is matched only by one that does so too, as in a
    shell.
    """
    steps = _steps(pattern)
    at = _started(steps)
    for name in path.split("/"):
        at = _advanced(steps, at, name, hidden)
    return len(steps) in at


def find(pattern: str, folder: str = "") -> list[str]:
    """Return the files in a folder that a pattern matches, with slashes, in order of name.

    What is hidden is matched only by a name that begins with a dot. `**` follows no link.
    """
    steps = _steps(pattern)
    return sorted(_matches(steps, _started(steps), folder, ""))


# A pattern is a list of steps, one a name. A set of positions says how far a path may have come.


@cache
def _steps(pattern: str) -> tuple[str, ...]:
    steps = pattern.split("/")
    kept = [step for step, after in zip(steps, [*steps[1:], ""], strict=True)
            if not (step == after == _ANY)]  # fmt: skip
    return (*kept, "*") if kept[-1] == _ANY else tuple(kept)


def _started(steps: tuple[str, ...]) -> frozenset[int]:
    return _with_none(steps, {0})


def _with_none(steps: tuple[str, ...], at: set[int]) -> frozenset[int]:
    """Return positions and those behind a `**` that stands for no folder."""
    return frozenset(at | {i + 1 for i in at if i < len(steps) and steps[i] == _ANY})


def _advanced(
    steps: tuple[str, ...], at: frozenset[int], name: str, hidden: bool, follow: bool = True
) -> frozenset[int]:
    """Return the positions after one more name; without `follow` no `**` takes it."""
    after = set()
    is_seen = hidden or not name.startswith(".")
    for i in at:
        if i == len(steps):
            continue
        if steps[i] == _ANY:
            if name and is_seen and follow:
                after.add(i)
        elif (is_seen or steps[i].startswith(".")) and _is_name(steps[i], name):
            after.add(i + 1)
    return _with_none(steps, after)


def _is_name(step: str, name: str) -> bool:
    """Return whether a step matches a name: after a `*`, only the last one is ever tried again."""
    if step in (name, "*"):
        return step == name or bool(name)
    i = j = 0
    star = resume = -1
    while j < len(name):
        if i < len(step) and step[i] == "*":
            star, resume = i, j
            i += 1
        elif i < len(step) and step[i] in ("?", name[j]):
            i, j = i + 1, j + 1
        elif star >= 0:
            resume += 1
            i, j = star + 1, resume
        else:
            return False
    return all(character == "*" for character in step[i:])


# The walk


def _matches(steps: tuple[str, ...], at: frozenset[int], folder: str, prefix: str) -> Iterator[str]:
    """Yield the files below a folder that the rest of a pattern matches."""
    if at and all(i < len(steps) and not is_magic(steps[i]) for i in at):
        names = sorted({steps[i] for i in at})  # `..` and the empty root are no entries of a folder
    else:
        names = _entries(folder)
    for name in names:
        whole = os.path.join(folder, name) if name else folder or os.sep  # noqa: PTH118
        plain = not os.path.islink(whole)  # noqa: PTH114
        after = _advanced(steps, at, name, hidden=False, follow=plain)
        if len(steps) in after and os.path.isfile(whole):  # noqa: PTH113
            yield prefix + name
        if after - {len(steps)} and os.path.isdir(whole):  # noqa: PTH112
            yield from _matches(steps, after - {len(steps)}, whole, f"{prefix}{name}/")


def _entries(folder: str) -> list[str]:
    try:
        return sorted(os.listdir(folder or os.curdir))  # noqa: PTH208 - half the time of pathlib
    except OSError:
        return []  # as a shell does for what it may not see
