"""Grouping: an own block becomes a group where it is called, if that reads better."""

from __future__ import annotations

from collections import defaultdict

from bncalc.model.registry import WORDS
from bncalc.writers.tree import CONTAINERS
from bncalc.writers.yaml.definition import OwnBlock
from bncalc.writers.yaml.definitions import walk
from bncalc.writers.yaml.entry import Body, WrittenEntry
from bncalc.writers.yaml.text import definition_of, entries_of, lines

_FEW = 2
"""What is called once is a mere wrapper of no more entries."""
_MANY = 6
"""From so many arguments on a block is a group in several places if that is shorter."""


def better_as_groups(blocks: list[OwnBlock], root: Body, known: set[int]) -> set[int]:
    """Return further parts, by identity, whose own block is no gain; those called once come first.

    Lists that are called once, mere wrappers, and those that take more lines with all of their
    arguments than written out wherever they are.
    """
    calls: dict[str, list[WrittenEntry]] = defaultdict(list)
    again: set[int] = set()
    for body in (root, *(block.example for block in blocks)):
        for entry in walk(body.entries):
            calls[entry.word].append(entry)
            if entry.again is not None:
                again.add(id(entry.again))
    can_be = [block for block in blocks if _can_be_groups(block, calls[block.word], again)]
    for is_better in (_is_wrapper, _is_longer):
        chosen = [block for block in can_be if is_better(block, calls[block.word])]
        parts = {id(body.part) for block in chosen for body in block.group.bodies}
        if not parts <= known:
            return parts - known
    return set()


def _can_be_groups(block: OwnBlock, calls: list[WrittenEntry], again: set[int]) -> bool:
    """Return whether an own block is what is in its parts, and called nowhere as anything else."""
    has_several = len(block.example.outputs) > 1
    return (
        not block.group.flag
        and all(body.part is not None for body in block.group.bodies)
        and not any(call.repeat or call.condition for call in calls)
        and not (has_several and any(id(call) in again for call in calls))
    )


def _is_wrapper(block: OwnBlock, calls: list[WrittenEntry]) -> bool:
    body = block.example
    if len(calls) > 1:
        return not block.arguments and [entry.word in WORDS for entry in body.entries] == [True]
    is_list = body.part is not None and body.part.word in (*CONTAINERS, "stage")
    return is_list or bool(block.arguments) or len(body.entries) <= _FEW


def _is_longer(block: OwnBlock, calls: list[WrittenEntry]) -> bool:
    if len(block.arguments) < _MANY:
        return False
    inside = len(list(lines(entries_of(block.example.entries))))
    defined = len(list(lines({block.word: definition_of(block)})))
    called = sum([len(list(lines(entries_of([call])))) for call in calls])
    return len(calls) * (inside + 1) <= defined + called
