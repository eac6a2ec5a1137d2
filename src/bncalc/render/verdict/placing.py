"""Where a finding is: paths as platforms want them, and a fingerprint that outlives an edit."""

from __future__ import annotations

from bncalc.budget.verdict import Check
from bncalc.errors import Location

_FILES = (".yaml", ".yml", ".onnx")


def place(check: Check) -> Location:
    """Return where in the repository to show a finding.

    A shipped model is no file of the repository: the budget's line stands for it.
    """
    where = check.location
    shipped = not (where.line or where.path.endswith(_FILES))
    return check.budget_location if shipped and check.budget_location.line else where


def path_in(folder: str, location: Location) -> str:
    """Return a path from the top of the repository, with slashes; `folder` is where we stand."""
    from posixpath import join, normpath

    return normpath(join(folder, location.path.replace("\\", "/")))


def line_of(location: Location) -> int:
    """Return a line that exists: a file as a whole is its first."""
    return max(location.line, 1)


def fingerprint(check: Check, folder: str) -> str:
    """Return what stays the same while a finding does, whatever its numbers and lines do."""
    return hashed(
        path_in(folder, place(check)), check.rule, check.budget, *check.subject, check.metric
    )


def hashed(*words: str) -> str:
    """Return a fingerprint of words."""
    from hashlib import sha256

    return sha256("\0".join(words).encode(errors="surrogatepass")).hexdigest()[:32]
