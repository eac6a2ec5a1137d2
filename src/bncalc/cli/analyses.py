"""The options of what a report adds to its layers, and the columns that show it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from bncalc.analysis.assumptions import DTYPES, STANDARD, Assumptions, Patches, Target
from bncalc.errors import UsageError, refuse_unknown
from bncalc.named import NamedTuple

if TYPE_CHECKING:
    from bncalc.model.device import Device
    from bncalc.render.table import Table

TableOf = Literal["designs", "network", "block"]
"""What a command lays out in columns."""
_ON_DEVICE = ("intensity", "bound", "wall")
_IN_MEMORY = ("fit_training", "fit_inference")
ColumnsOption = Annotated[
    str | None,
    typer.Option(
        "--columns",
        metavar="A,B,…",
        help="The columns to show; `bncalc list columns` explains them.",
    ),
]
ChipOption = Annotated[
    str | None,
    typer.Option(
        metavar="CHIP|FILE",
        help="The microcontroller to fit into: a shipped one (`bncalc list devices`), or your own "
        "YAML file.",
    ),
]
OptimizerOption = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="The optimiser assumed for training memory, momentum by default. One of {choices}.",
    ),
]
CheckpointOption = Annotated[
    bool,
    typer.Option("--checkpoint", help="Recompute each block in the backward pass, to save memory."),
]


class Trained(NamedTuple):
    """What a call assumes of training, and the memory that a batch has to fit in."""

    optimizer: OptimizerOption = None
    checkpoint: CheckpointOption = False
    fit: Annotated[
        str | None,
        typer.Option(
            metavar="BYTES", help="Show how many images fit into this much memory, as in 24GiB."
        ),
    ] = None

    def added(self, assumed: Assumptions) -> Assumptions:
        """Return assumptions with these; raise UsageError for what cannot be."""
        return assumed._replace(
            optimizer=self.optimizer or STANDARD.optimizer,
            checkpoint=self.checkpoint,
            memory=_memory(self.fit),
        )

    def memory_columns(self, assumed: Assumptions) -> tuple[str, ...]:
        """Return the columns of memory: training's too, of integers only if it is asked for."""
        from bncalc.render.columns import MEMORY

        asked = self.optimizer or self.checkpoint or self.fit
        return MEMORY if asked or assumed.trains else MEMORY[:-1]

    def implied(self, columns: tuple[str, ...], of: TableOf = "network") -> Iterator[str]:
        """Return the columns to add, lest an option be given in vain."""
        if self.optimizer or self.checkpoint:
            yield from _unless_asked(columns, ("training",), "saved", "gradients", "optimizer")
        if self.fit:
            yield from _unless_asked(columns, _IN_MEMORY)


class Judged(NamedTuple):
    """By which other tool, and for which device, a call wants numbers besides."""

    as_: Annotated[
        list[str] | None,
        typer.Option(
            "--as",
            metavar="TOOL",
            help="Add the total that another tool prints. Repeatable. One of {choices}.",
        ),
    ] = None
    device: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|FILE",
            help="The device to run on: your own YAML file, or one of {choices}.",
        ),
    ] = None

    def added(self, assumed: Assumptions) -> Assumptions:
        """Return assumptions with these; raise UsageError for a name that there is not."""
        return assumed._replace(
            convention=",".join(dict.fromkeys(self.as_ or ())) or STANDARD.convention,
            device=_device(self.device),
        )

    def implied(self, columns: tuple[str, ...], of: TableOf = "network") -> Iterator[str]:
        """Return the columns to add, lest an option be given in vain.

        Designs are held against the RAM and flash of a device that has some.
        """
        if self.as_:
            yield "convention"
        device = _device(self.device)
        if of == "designs" and device is not None and device.ram is not None:
            yield from _unless_asked(columns, ("ram", "flash", "fits"), *_ON_DEVICE)
        elif device is not None:
            yield from _unless_asked(columns, _ON_DEVICE)


class Deployed(NamedTuple):
    """By which runtime a call wants to run a network on a microcontroller."""

    runtime: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="The runtime: tflm (TensorFlow Lite Micro), inplace (TinyEngine), or bound, "
            "the least that any runtime needs if it keeps whole maps. [default: tflm]",
        ),
    ] = None
    pad: Annotated[
        str | None,
        typer.Option(
            metavar="same|strided|all",
            help="Where the converter inserts padding ops. same: nowhere; strided: before "
            "strided convolutions whose padding differs from TensorFlow's SAME; all: "
            "before every layer that pads. "
            "[default: same]",
        ),
    ] = None
    patch: Annotated[
        str | None,
        typer.Option(
            metavar="RxC|auto",
            help="Run the first layers in patches, such as 4x4; auto picks the cheapest that fit.",
        ),
    ] = None
    patch_layers: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="How many convolutions run in patches.")
    ] = None

    @property
    def asked(self) -> bool:
        return any(value is not None for value in self)

    def added(self, assumed: Assumptions) -> Assumptions:
        """Return assumptions with these; raise UsageError for what cannot be."""
        return assumed._replace(target=self.target(assumed.target))

    def target(self, assumed: Target) -> Target:
        """Return what runs a network, in place of what is assumed; raise UsageError for no such."""
        if not self.asked:
            return assumed
        from bncalc.analysis.arena.runtime import padding_of, runtime_of

        patches = self._patches() or assumed.patches
        target = assumed._replace(
            runtime=self.runtime or (assumed.runtime if patches is None else "inplace"),
            padding=self.pad or assumed.padding,
            patches=patches,
        )
        runtime_of(target.runtime)
        padding_of(target.padding)
        return target

    def implied(self, columns: tuple[str, ...], of: TableOf = "network") -> Iterator[str]:
        """Return the columns to add, lest an option be given in vain."""
        if self.asked:
            yield from _unless_asked(columns, ("ram",), "fits")

    def _patches(self) -> Patches | None:
        if self.patch is None or self.patch == "auto":
            if self.patch_layers is not None:
                raise UsageError("--patch-layers goes with --patch RxC, such as --patch 4x4")
            return None if self.patch is None else Patches()
        parts = self.patch.split("x")
        if not all(part.isdecimal() and 1 <= int(part[:4]) <= 999 for part in parts):
            raise UsageError(
                f"--patch is {self.patch!r}; write auto, or rows and columns as in 4x4"
            )
        if self.patch_layers is None:
            raise UsageError("--patch needs --patch-layers, or write --patch auto")
        return Patches(tuple(map(int, parts)), self.patch_layers)


class Chosen(NamedTuple):
    """The columns that a call chooses, none where it leaves them to the command; what they need.

    If none `is_named`, those that are shown where nothing is chosen are among them.
    """

    columns: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    is_named: bool = False

    def sparing(self, table: "Table") -> "Table":
        """Return a table that gives up first the columns that the call has not asked for."""
        from bncalc.render.columns import COLUMNS, SPARE

        if self.is_named:
            return table
        return table._replace(spare=tuple([COLUMNS[word].column.key for word in SPARE]))


def chosen_columns(text: str | None, of: TableOf, *further: Trained | Judged | Deployed) -> Chosen:
    """Return what `--columns` names, and what other options imply.

    Raises UsageError for a column that does not exist.
    """
    if text is None and not any([*options.implied((), of)] for options in further):
        return Chosen()
    from bncalc.render.columns import COLUMNS, DEFAULT, OF_DESIGNS, column_word, needs

    known = OF_DESIGNS if of == "designs" else tuple(COLUMNS)
    listed = ",".join(DEFAULT[of]) if text is None else text
    words = [column_word(word.strip()) for word in listed.split(",") if word.strip()]
    for word in words:
        refuse_unknown("--columns: unknown column", word, known)
        if word in _IN_MEMORY and not any(isinstance(o, Trained) and o.fit for o in further):
            raise UsageError(f"--columns: {word} needs the memory to fill, as in --fit 24GiB")
    implied = [word for options in further for word in options.implied(tuple(words), of)]
    columns = tuple(dict.fromkeys((*words, *implied)))
    return Chosen(columns, needs(columns), text is not None)


def chip(name: str | None) -> "Device | None":
    """Return a microcontroller; raise UsageError for one without RAM."""
    return _device(name, with_ram=True)


def _device(name: str | None, *, with_ram: bool = False) -> "Device | None":
    if name is None:
        return None
    from bncalc.language.device import open_chip, open_device

    try:
        return open_chip(name, DTYPES) if with_ram else open_device(name, DTYPES)
    except UsageError as error:
        raise UsageError(f"--device: {error}") from None


def _memory(text: str | None) -> int | None:
    if text is None:
        return None
    from bncalc.quantity import quantity

    try:
        memory = quantity(text, "bytes")
    except ValueError as error:
        raise UsageError(f"--fit: {error}") from None
    if memory.share:
        raise UsageError(f"--fit is {text!r}; it must be a number of bytes, such as 24GiB")
    return int(memory.number)


def _unless_asked(
    columns: tuple[str, ...], wanted: tuple[str, ...], *others: str
) -> tuple[str, ...]:
    """Return the wanted columns where the call has asked for none of them, nor of the others."""
    return () if {*wanted, *others} & set(columns) else wanted
