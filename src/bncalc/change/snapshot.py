"""A snapshot: the models as they were, in a commit, in a folder or in a saved report."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from bncalc.change.version import Place, Version
from bncalc.errors import UsageError
from bncalc.opening.name import ModelName


class Absent(UsageError):
    """A snapshot does not hold a design: it is new."""


class OnlyCode(Absent):
    """A snapshot holds a design as code alone, which is not run."""


class Snapshot(Protocol):
    """What a change is measured against. `label` says which it is, for printing."""

    @property
    def label(self) -> str: ...

    def before(self, name: ModelName, now: Version, also: tuple[str, ...] = ()) -> Version:
        """Return what a design was that the work tree has by a name; raise Absent if it was not.

        It is opened and measured as `now` was, and by the analyses that `also` names. Raises
        SpecError if what was there was broken.
        """
        ...

    def origin(self, name: ModelName) -> str:
        """Return the file in which a model was, whatever it was called; raise Absent if in none."""
        ...

    def files(self, covers: Callable[[str], bool]) -> Iterable[str]:
        """Return the files that may be models and whose names, as seen from here, are covered."""
        ...

    def parts(self, file: str) -> tuple[str, ...]:
        """Return what picks each design of a file; nothing if it is not a sound model."""
        ...

    def version(self, place: Place, now: Version, also: tuple[str, ...] = ()) -> Version:
        """Return the design of a place, opened and measured as `now` was."""
        ...

    def moved_to(self, file: str) -> str | None:
        """Return what a file is called here that is known to have been moved."""
        ...

    def name(self, file: str) -> str:
        """Return what a file is called here, or would be."""
        ...


def refuse_code(name: ModelName, label: str) -> None:
    """Raise OnlyCode for a model of PyTorch: the code of the work tree alone may be run."""
    if name.is_torch:
        report = f"compare with a report that `bncalc show {name} -o base.json` wrote there"
        raise OnlyCode(f"the Python code of {label} is not run; {report}")


def short_label(snapshot: Snapshot) -> str:
    """Return a snapshot's label without what is said of it in brackets: main@1a2b3c4."""
    return snapshot.label.partition(" (")[0]
