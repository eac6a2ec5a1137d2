"""The options that commands share, each defined once."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from bncalc.analysis.assumptions import BYTES, Assumptions, policy_of
from bncalc.errors import UsageError, suggest

if TYPE_CHECKING:
    from bncalc.language.model import Overrides


class Format(StrEnum):
    """The forms in which a command can answer."""

    table = "table"
    markdown = "markdown"
    csv = "csv"
    json = "json"
    latex = "latex"


FormatOption = Annotated[Format, typer.Option("--format", "-f", help="How to show the answer.")]
OutputOption = Annotated[
    str | None,
    typer.Option("--output", "-o", metavar="FILE", help="Write the answer to a file."),
]
BatchOption = Annotated[int, typer.Option(min=1, help="Images at a time; params do not change.")]
DtypeOption = Annotated[str, typer.Option(help=f"Type of weights and maps: {', '.join(BYTES)}.")]
ActivationDtypeOption = Annotated[
    str | None, typer.Option(help="Type of the maps, where it is not that of the weights.")
]
PolicyOption = Annotated[
    str,
    typer.Option(
        metavar="POLICY",
        help="Memory policy: deploy, or eager as PyTorch runs it; then switches, as in "
        "deploy,-add,+depthwise.",
    ),
]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="Set one of the file's vars; repeatable."),
]
InputOption = Annotated[
    str | None,
    typer.Option("--input", metavar="C,H,W", help="The input, in place of the file's."),
]
ColumnsOption = Annotated[
    str | None, typer.Option("--columns", metavar="A,B,…", help="Which columns to show.")
]

DeviceOption = Annotated[
    str | None,
    typer.Option(
        metavar="NAME|FILE",
        help="Add the least time on a device: a shipped one, or your own YAML file.",
        show_default=False,
    ),
]


def overrides(settings: list[str] | None, input: str | None) -> Overrides:
    """Return what `--set` and `--input` say; raise UsageError where they cannot be read."""
    from bncalc.language.model import Overrides  # the reader of YAML, which `block` never needs

    found = {}
    for setting in settings or ():
        name, equals, value = setting.partition("=")
        if not equals or not name.strip():
            raise UsageError(f"--set {setting}: write NAME=VALUE")
        found[name.strip()] = value
    return Overrides(found, None if input is None else _input(input))


def _input(text: str) -> tuple[int, int, int]:
    parts = text.replace("x", ",").split(",")
    right = "three whole numbers of at least 1: channels,height,width"
    if len(parts) != 3 or not all(part.strip().isdecimal() for part in parts):
        raise UsageError(f"--input is {text!r}; it must be {right}")
    if any(len(part.strip()) > 9 or int(part) < 1 for part in parts):
        raise UsageError(f"--input is {text!r}; it must be {right}")
    channels, height, width = map(int, parts)
    return channels, height, width


def assumptions(
    batch: int, dtype: str, activation_dtype: str | None = None, policy: str = "deploy"
) -> Assumptions:
    """Return the assumptions of a call; raise UsageError for a type or switch that is not there."""
    for name in (dtype, activation_dtype):
        if name is not None and name not in BYTES:
            hint = suggest(name, BYTES) or f"; there are {', '.join(BYTES)}"
            raise UsageError(f"unknown dtype {name!r}{hint}")
    try:
        return Assumptions(batch, dtype, activation_dtype, policy_of(policy))
    except UsageError as error:
        raise UsageError(f"--policy: {error}") from None


def chosen_columns(text: str | None, of: Literal["designs", "layers"]) -> tuple[str, ...]:
    """Return the columns that `--columns` names, none where it is not given.

    Raises UsageError for a column that does not exist.
    """
    if text is None:
        return ()
    from bncalc.render.metrics import OF_DESIGNS, OF_LAYERS

    known = OF_DESIGNS if of == "designs" else OF_LAYERS
    words = [word.strip() for word in text.split(",") if word.strip()]
    for word in words:
        if word not in known:
            hint = suggest(word, known) or f"; there are {', '.join(known)}"
            raise UsageError(f"--columns: unknown column {word!r}{hint}")
    return tuple(dict.fromkeys(words))
