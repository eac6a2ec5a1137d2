"""The finding: what made a number break its limit, and the line to say it at."""

from __future__ import annotations

from posixpath import normpath

from bncalc.budget.verdict import Check
from bncalc.change.explanation import Changed, changed, explain
from bncalc.change.version import Version

_MOST = 100
"""As many findings of one design are explained; each looks at all of its layers."""


class Findings:
    """Explains the findings of one design; the difference to the base is worked out once."""

    def __init__(self, new: Version, old: Version | None) -> None:
        self.new = new
        self.old = old
        self._left = _MOST
        self._changed: Changed | None = None

    def explained(self, check: Check) -> Check:
        """Return a finding with its why and its place, or as it is where there were too many.

        What is not in a file of the caller's, as a shipped model is, has no line.
        """
        if not self._left:
            return check
        self._left -= 1
        if self._changed is None:
            self._changed = changed(self.old, self.new)
        path = check.subject.path
        why, place = explain(self.new, self.old, check.metric, path, self._changed)
        if check.location.path not in (self.new.model.files if self.new.model else ()):
            return check._replace(why=why)
        place = place._replace(path=normpath(place.path))  # of an included file: models/../parts/…
        return check._replace(why=why, location=place)
