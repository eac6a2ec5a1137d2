"""Options that a call gives and that its answer would ignore."""

from collections.abc import Iterable, Iterator
from typing import TypeVar

from bncalc.cli.analyses import Deployed, Judged, Trained
from bncalc.cli.options import Altered, Asked, Shown
from bncalc.errors import UsageError
from bncalc.quantity import listed
from bncalc.render.formats import Format

SharedOptions = TypeVar("SharedOptions", Shown, Altered, Asked, Trained, Judged, Deployed)


def given(options: SharedOptions, *names: str) -> Iterator[str]:
    """Return which options of a set a call gives, `--fold-norm` for one; of some names, if any."""
    defaults = options._field_defaults
    for name, value in zip(options._fields, options, strict=True):
        if value != defaults[name] and (not names or name in names):
            yield f"--{name.strip('_').replace('_', '-')}"


def named(**values: object) -> Iterator[str]:
    """Return which options of a command's own a call gives: those that are neither None nor off."""
    for name, value in values.items():
        if value is not None and value is not False:
            yield f"--{name.replace('_', '-')}"


def refuse_label(shown: Shown) -> None:
    """Raise UsageError for a label in a format other than LaTeX."""
    if shown.label and shown.form is not Format.latex:
        raise UsageError("--label is for --format latex; no other format has labels")


def refuse_ignored(answer: str, ignored: Iterable[str]) -> None:
    """Raise UsageError for options that an answer would not use."""
    if options := [*ignored]:
        those = "them" if len(options) > 1 else "it"
        raise UsageError(f"{answer} does not use {listed(options)}; leave {those} out")
