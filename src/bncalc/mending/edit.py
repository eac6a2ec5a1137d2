"""An edit: a fix written into its file, and nothing else of the file touched."""

from __future__ import annotations

from bncalc.disk import DISK, write_whole
from bncalc.errors import UsageError
from bncalc.language.nodes import ScalarNode
from bncalc.language.source import read
from bncalc.language.written_values import rewritten, written
from bncalc.mending.fix import Fix
from bncalc.work_tree import leads_out


def apply(fix: Fix) -> None:
    """Write the value of a fix in place of the present one.

    Raises UsageError for a file that leads out of its repository, cannot be written, or does not
    say any more what the fix was worked out for.
    """
    path = fix.location.path
    if leads_out(path):
        raise UsageError(f"--apply: {path} leads out of the repository, and is not edited")
    text = DISK.read(path).decode("utf-8")
    values = written(read(text, path))
    old = next((value for value in values if value.location == fix.location), None)
    new = read(fix.new, path)
    if old is None or old.text != fix.old or not isinstance(new, ScalarNode):
        raise UsageError(f"--apply: {fix.location} no longer says {fix.old}")
    try:
        write_whole(path, rewritten(text, old, new.value).encode("utf-8"))
    except OSError as error:
        raise UsageError(f"--apply: cannot write {path}: {error.strerror}") from None
