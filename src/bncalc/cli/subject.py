"""What search commands share: their subject, what varies, and the limits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from bncalc.errors import UsageError

if TYPE_CHECKING:
    from bncalc.search.axis import Axis
    from bncalc.search.subject import SearchSubject

SubjectArgument = Annotated[
    str,
    typer.Argument(
        metavar="MODEL|KIND",
        help="A model, as for `show`, or a kind of block: bottleneck@mid=64@256,56,56.",
        show_default=False,
    ),
]
VaryOption = Annotated[
    list[str] | None,
    typer.Option(
        "--vary",
        metavar="NAME[=A:B:STEP|=a,b,c]",
        help="What to vary; a bare NAME runs from a tenth of its value to four times it. "
        "Repeatable.",
        show_default=False,
    ),
]
TieOption = Annotated[
    list[str] | None,
    typer.Option(
        "--tie",
        metavar="NAME=EXPRESSION",
        help="A value computed from those that vary: 'width=1.1**phi'. Repeatable.",
        show_default=False,
    ),
]
MetricsOption = Annotated[
    str,
    typer.Option(metavar="A,B,…", help="The metrics to show; `bncalc list columns` explains them."),
]
MaxOption = Annotated[
    list[str] | None,
    typer.Option("--max", metavar="METRIC=QUANTITY", help="An upper limit: macs=300M. Repeatable."),
]
MinOption = Annotated[
    list[str] | None,
    typer.Option("--min", metavar="METRIC=QUANTITY", help="A lower limit. Repeatable."),
]


def axes_of(subject: SearchSubject, vary: Sequence[str]) -> tuple[Axis, ...]:
    """Read --vary; raise UsageError where two are about one name."""
    from functools import partial

    from bncalc.opening.setting import setting_value
    from bncalc.search.axis import axis_of
    from bncalc.search.costing import present_in

    present = partial(present_in, subject)
    texts = [part for text in vary for part in ([text] if "=" in text else text.split(","))]
    axes = tuple([axis_of(text, present, setting_value) for text in texts])
    names = [axis.name for axis in axes]
    for name in names:
        if names.count(name) > 1:
            raise UsageError(f"--vary: {name} varies twice")
    return axes


def witness_asked(vary: Sequence[str]) -> dict[str, object]:
    """Read the names that vary in a formula, each with the value to derive it at, or None."""
    from bncalc.opening.setting import setting_value

    asked: dict[str, object] = {}
    for text in vary:
        for part in text.split(","):
            name, equals, written = part.partition("=")
            asked[name.strip()] = setting_value(name.strip(), written) if equals else None
    return asked
