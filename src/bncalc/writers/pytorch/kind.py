"""A kind of part, which is one class: parts that are the longest of them without some children."""

from __future__ import annotations

from dataclasses import dataclass, field

from bncalc.named import NamedTuple
from bncalc.writers.pytorch.arguments import InitArgument
from bncalc.writers.pytorch.copies import Copies
from bncalc.writers.pytorch.layout import Alignment, Layout, Run, align
from bncalc.writers.pytorch.lines.line import FieldValue
from bncalc.writers.pytorch.shelves import is_on_shelf, steps_to
from bncalc.writers.tree import Subtree


class Member(NamedTuple):
    """A part of a class, and where its children stand in the longest one."""

    part: Subtree
    branch: Subtree
    """The part with its copies as one child."""
    alignment: Alignment


@dataclass(eq=False)
class Class:
    """A class to write: the part that has all children, its arguments, and every part of it."""

    example: Subtree
    layout: Layout
    name: str = ""
    members: list[Member] = field(default_factory=list)
    flags: dict[Run, str] = field(default_factory=dict)
    arguments: list[InitArgument] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    """The arguments that the forward reads."""
    given: list[list[str]] = field(default_factory=list)
    """What stands for each value of a child's constructor and call: an argument or a number."""
    values: dict[int, dict[str, FieldValue | None]] = field(default_factory=dict)
    """What each part gives for each argument, by the identity of the part."""

    def takes(self, part: Subtree, branch: Subtree, layout: Layout) -> bool:
        """Take a part over if it is this one, or this one without some runs of children."""
        alignment = align(self.layout, layout)
        if alignment is None:
            return False
        joins = self.layout.joins  # one map is joined as well as many
        runs = [run for run in alignment.runs if (run.start, run.stop - 1) != (joins, joins)]
        alignment = alignment._replace(runs=tuple(runs))
        missing = [child for run in runs for child in self.example.children[run.start : run.stop]]
        if any(isinstance(child, Copies) or child.name[:1].isdigit() for child in missing):
            return False  # copies in a row, more of them than elsewhere
        ours, others = (
            {steps_to(child.name)[0] for child in children if is_on_shelf(child.name)}
            for children in (missing, branch.children)
        )
        if not ours.isdisjoint(others):
            return False  # a shelf without some of its modules
        known = [run for run in self.flags if run not in alignment.runs]
        if any(a.start < b.stop and b.start < a.stop for a in alignment.runs for b in known):
            return False
        for run in alignment.runs:
            self.flags.setdefault(run, _flag(self.example, run, set(self.flags.values())))
        self.members.append(Member(part, branch, alignment))
        return True


def _flag(example: Subtree, run: Run, taken: set[str]) -> str:
    """Name the argument that says whether a run of children is there."""
    first = example.children[run.start]
    is_residual = first.name in ("add", "drop_path")
    name = "residual" if is_residual else f"with_{steps_to(first.name)[0]}"
    return name if name not in taken else f"{name}_{run.start}"
