"""The options that commands share, each defined once."""

import functools
import inspect
from collections.abc import Callable, Iterator
from pathlib import PurePath
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

import typer

from bncalc.analysis.assumptions import (
    DTYPES,
    STANDARD,
    Assumptions,
    Patches,
    Target,
    policy_of,
)
from bncalc.errors import UsageError, hint_for
from bncalc.named import NamedTuple
from bncalc.render.formats import BY_SUFFIX, Format

if TYPE_CHECKING:
    from bncalc.model.device import Device
    from bncalc.model.shape import Shape
    from bncalc.opening.model import Overrides
    from bncalc.opening.name import ModelName
    from bncalc.render.table import Table


Of = Literal["designs", "network", "block"]
"""What a command lays out in columns."""
_ON_DEVICE = ("intensity", "bound", "wall")
ModelArgument = Annotated[
    str,
    typer.Argument(
        metavar="MODEL",
        help="A YAML file, FILE#name or shipped name, with any @settings; - is standard input.",
        show_default=False,
    ),
]
OutputOption = Annotated[
    str | None,
    typer.Option("--output", "-o", metavar="FILE", help="Write the answer to a file."),
]
_PICTURES = {
    ".svg": "this command draws no svg, `bncalc plot` does",
    ".png": "this command draws no png, `bncalc plot` does",
    ".html": "this command writes no html, `bncalc report` does",
    **dict.fromkeys(
        (".htm", ".pdf", ".jpg", ".jpeg", ".gif", ".webp", ".xlsx", ".xls", ".ods"),
        "bncalc writes no such file; .json, .csv, .md and .tex choose a format",
    ),
}
"""Why an answer is not written to a file of that suffix: nothing could open the text there."""
BatchOption = Annotated[
    int, typer.Option(min=1, metavar="N", help="Images at a time; params do not change.")
]
DtypeOption = Annotated[
    str | None,
    typer.Option(
        metavar="TYPE",
        help="Type of weights and maps; float32 unless given, on a microcontroller int8.",
    ),
]
ColumnsOption = Annotated[
    str | None,
    typer.Option(
        "--columns",
        metavar="A,B,…",
        help="Which columns to show; `bncalc list columns` explains them.",
    ),
]


class Shown(NamedTuple):
    """In which form a call wants its answer, and where."""

    format: Annotated[
        Format | None,
        typer.Option(
            "--format",
            "-f",
            metavar="FORM",
            help=f"{', '.join(Format)}. Without it the suffix of --output decides, else table.",
            show_default=False,
        ),
    ] = None
    output: OutputOption = None
    exact: Annotated[
        bool,
        typer.Option("--exact", help="Round no number, however narrow the terminal."),
    ] = False

    no_ratio: Annotated[
        bool, typer.Option("--no-ratio", help="No ratios beside the numbers of a comparison.")
    ] = False
    unit: Annotated[
        str | None,
        typer.Option(metavar="LETTER", help="Counts in k, M, G or T, or as in params=M,macs=G."),
    ] = None
    caption: Annotated[
        str | None, typer.Option(metavar="TEXT", help="A title of your own; LaTeX: a caption.")
    ] = None
    label: Annotated[
        str | None, typer.Option(metavar="NAME", help="LaTeX: what \\ref refers to.")
    ] = None

    def styled(self, table: "Table") -> "Table":
        """Return a table as the call wants it; raise UsageError for a unit that there is not."""
        if not (self.no_ratio or self.unit or self.caption or self.label):
            return table
        from bncalc.render.paper import Style, styled, units_of

        units = units_of(self.unit) if self.unit else {}
        return styled(table, Style(not self.no_ratio, units, self.caption or "", self.label or ""))

    @property
    def form(self) -> Format:
        """The form that `--format` or the suffix of `--output` says.

        Raises UsageError if the two differ, and for a picture.
        """
        suffix = PurePath(self.output or "").suffix.lower()
        if suffix in _PICTURES:
            raise UsageError(f"--output {self.output}: {_PICTURES[suffix]}")
        by_suffix = BY_SUFFIX.get(suffix, self.format)
        if self.format not in (None, by_suffix):
            raise UsageError(f"--format {self.format} does not suit --output {self.output}")
        return by_suffix or Format.table


class Altered(NamedTuple):
    """What a call changes in the files that it opens."""

    set_: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="NAME=VALUE", help="Set one of the file's vars; can be repeated."
        ),
    ] = None
    input: Annotated[
        str | None,
        typer.Option(
            "--input",
            metavar="C,H,W",
            help="The input, in place of the file's: 3,224,224 or 2x44100.",
        ),
    ] = None
    form: Annotated[
        str | None,
        typer.Option(
            metavar="FORM",
            help="Blocks such as RepVGG as they are trained, or fused for inference.",
        ),
    ] = None

    include: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FILE",
            help="A file of `define:` blocks, modules of Ultralytics models; can be repeated.",
        ),
    ] = None

    def models(self, names: list[str]) -> "list[ModelName]":
        """Return the models of a call with what it sets; raise UsageError where it cannot."""
        from bncalc.opening.model import given  # the reader of YAML, which `block` never needs

        settings = {}
        for setting in self.set_ or ():
            name, equals, value = setting.partition("=")
            if not equals or not name.strip():
                raise UsageError(f"--set {setting}: write NAME=VALUE")
            if name.strip() in settings:
                raise UsageError(f"--set {setting}: {name.strip()!r} is set twice; set it once")
            settings[name.strip()] = value
        return given(names, settings, self.sizes())

    def model(self, name: str) -> "ModelName":
        """Return the one model of a call; raise UsageError where it is several."""
        models = self.models([name])
        if len(models) > 1:
            several = f"{models[0]}, {models[1]} …"
            raise UsageError(f"{name} is {len(models)} models ({several}); name one")
        return models[0]

    def overrides(self) -> "Overrides":
        """Return what a call assumes for all of its models."""
        from bncalc.opening.model import Overrides

        forms = ("trained", "fused")
        if self.form is not None and self.form not in forms:
            hint = hint_for(self.form, forms)
            raise UsageError(f"--form: unknown form {self.form!r}{hint}")
        defaults = {} if self.form is None else {"form": self.form}
        return Overrides(defaults=defaults, include=tuple(self.include or ()))

    def sizes(self) -> "Shape | None":
        """Return the input that a call gives; raise UsageError where it cannot be read."""
        return None if self.input is None else input_of(self.input)


class Asked(NamedTuple):
    """What a call assumes, for every command that measures."""

    batch: BatchOption = STANDARD.batch
    dtype: DtypeOption = None
    activation_dtype: Annotated[
        str | None,
        typer.Option(metavar="TYPE", help="Type of the maps, if not that of the weights."),
    ] = None
    policy: Annotated[
        str,
        typer.Option(
            metavar="POLICY",
            help="How maps share memory; then switches, such as deploy,-add,+depthwise.",
        ),
    ] = STANDARD.memory_policy.name
    fold_norm: Annotated[
        bool, typer.Option("--fold-norm", help="Fold each batch norm into the layer before it.")
    ] = False

    def assumptions(
        self, *further: "Trained | Judged | Deployed", on_chip: bool = False
    ) -> Assumptions:
        """Return it for the analysis: on a microcontroller of int8, if the call names no type.

        Raises UsageError for a name that there is not.
        """
        try:
            policy = policy_of(self.policy)
        except UsageError as error:
            raise UsageError(f"--policy: {error}") from None
        assumed = Assumptions(
            batch=self.batch,
            dtype=self.dtype or STANDARD.dtype,
            activation_dtype=self.activation_dtype,
            policy=policy,
            fold_norm=self.fold_norm,
            target=STANDARD.target._replace(dtype=self.dtype or STANDARD.target.dtype),
        )
        for options in further:
            assumed = options.added(assumed)
        device = assumed.device
        if on_chip or (device is not None and device.ram is not None):
            assumed = assumed._replace(dtype=assumed.target.dtype)
        assumed = assumed.named()
        assumed.refuse()
        return assumed


class Trained(NamedTuple):
    """What a call assumes of training, and the memory that a batch has to fit in."""

    optimizer: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="The optimiser assumed for training memory."),
    ] = None
    checkpoint: Annotated[
        bool,
        typer.Option(
            "--checkpoint", help="Run each block again for the backward pass; saves memory."
        ),
    ] = False
    fit: Annotated[
        str | None,
        typer.Option(metavar="BYTES", help="How many images fit at a time, in 24GiB for example."),
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

    def implied(self, columns: tuple[str, ...], of: Of = "network") -> Iterator[str]:
        """Return the columns to add, lest an option be given in vain."""
        if self.optimizer or self.checkpoint:
            yield from _unless_asked(columns, ("training",), "saved", "gradients", "optimizer")
        if self.fit:
            yield from _unless_asked(columns, ("fit_training", "fit_inference"))


class Judged(NamedTuple):
    """By which other tool, and for which device, a call wants numbers besides."""

    as_: Annotated[
        list[str] | None,
        typer.Option(
            "--as", metavar="TOOL", help="Add the total that another tool prints; can be repeated."
        ),
    ] = None
    device: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|FILE",
            help="The device to measure it by: a shipped one, or your own YAML file.",
        ),
    ] = None

    def added(self, assumed: Assumptions) -> Assumptions:
        """Return assumptions with these; raise UsageError for a name that there is not."""
        return assumed._replace(
            convention=",".join(self.as_ or ()) or STANDARD.convention,
            device=_device(self.device),
        )

    def implied(self, columns: tuple[str, ...], of: Of = "network") -> Iterator[str]:
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


ChipOption = Annotated[
    str | None,
    typer.Option(
        metavar="NAME|FILE",
        help="Whether it fits this microcontroller: a shipped one, or your own YAML file.",
    ),
]


class Deployed(NamedTuple):
    """By which runtime a call wants to run a network on a microcontroller."""

    runtime: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="What runs it: tflm (TensorFlow Lite Micro), inplace (TinyEngine), or bound, the "
            "least that any needs that keeps whole maps. [default: tflm]",
        ),
    ] = None
    pad: Annotated[
        str | None,
        typer.Option(
            metavar="same|strided|all",
            help="Which convolutions a converter puts a padding op before: none, those with a "
            "stride that differ from TensorFlow's SAME, or all that pad. [default: same]",
        ),
    ] = None
    patch: Annotated[
        str | None,
        typer.Option(
            metavar="RxC|auto",
            help="Run the first layers in patches, such as 4x4; auto: the cheapest that fit.",
        ),
    ] = None
    patch_layers: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="How many convolutions run in patches."),
    ] = None

    @property
    def asked(self) -> bool:
        return any(value is not None for value in self)

    def added(self, assumed: Assumptions) -> Assumptions:
        """Return assumptions with these; raise UsageError for what cannot be."""
        return assumed._replace(target=self.target(assumed.target))

    def target(self, assumed: Target) -> Target:
        """Return what runs a network, in place of what is assumed; raise UsageError for no such."""
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

    def implied(self, columns: tuple[str, ...], of: Of = "network") -> Iterator[str]:
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


def sharing(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of a shared set where it has a parameter of that type."""
    own = inspect.signature(command, eval_str=True).parameters
    parameters = []
    for parameter in own.values():
        parameters += (
            options_of(parameter.annotation) if parameter.annotation in SHARED else [parameter]
        )

    @functools.wraps(command)
    def run(**given: Any) -> None:
        for parameter in own.values():
            if parameter.annotation in SHARED:
                given[parameter.name] = taken(parameter.annotation, given)
        command(**given)

    order = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in parameters]
    run.__signature__ = inspect.Signature(order)  # type: ignore[attr-defined]
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return run


def _unless_asked(
    columns: tuple[str, ...], wanted: tuple[str, ...], *others: str
) -> tuple[str, ...]:
    """Return the wanted columns where the call has asked for none of them, nor of the others."""
    return () if {*wanted, *others} & set(columns) else wanted


SHARED = (Shown, Altered, Asked, Trained, Judged, Deployed)
Shared = TypeVar("Shared", Shown, Altered, Asked, Trained, Judged, Deployed)


def options_of(shared: type[Shared]) -> list[inspect.Parameter]:
    """Return the options of a shared set, as Typer reads them."""
    kind, defaults = inspect.Parameter.KEYWORD_ONLY, shared._field_defaults
    return [
        inspect.Parameter(name, kind, annotation=annotation, default=defaults[name])
        for name, annotation in inspect.get_annotations(shared).items()
    ]


def taken(shared: type[Shared], given: dict[str, Any]) -> Shared:
    """Take the options of a shared set out of all that were given."""
    return shared(**{name: given.pop(name) for name in shared._fields})


def input_of(text: str) -> "Shape":
    """Read the shape of an input: 3,224,224, or 3x224x224; raise UsageError for what is none."""
    from bncalc.model.fields import input_shape

    try:
        return input_shape(text)
    except UsageError as error:
        raise UsageError(f"--{error}") from None


def chip(name: str | None) -> "Device | None":
    """Return a microcontroller; raise UsageError for one that nothing can be said to fit."""
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
        raise UsageError(f"--fit is {text!r}; it must be bytes, such as 24GiB")
    return int(memory.number)


class Chosen(NamedTuple):
    """The columns that a call chooses, none where it leaves them to the command; what they need.

    `spare` are the keys of those that it has not asked for.
    """

    columns: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    spare: tuple[str, ...] = ()


def chosen_columns(text: str | None, of: Of, *further: Trained | Judged | Deployed) -> Chosen:
    """Return what `--columns` names, and what other options imply.

    Raises UsageError for a column that does not exist.
    """
    if text is None and not any([*options.implied((), of)] for options in further):
        return Chosen()
    from bncalc.render.columns import COLUMNS, DEFAULT, OF_DESIGNS, SPARE, column_word, needs

    known = OF_DESIGNS if of == "designs" else tuple(COLUMNS)
    spare = tuple([COLUMNS[word].column.key for word in SPARE if text is None])
    if text is None:
        text = ",".join(DEFAULT[of])
    words = [column_word(word.strip()) for word in text.split(",") if word.strip()]
    for word in words:
        if word not in known:
            hint = hint_for(word, known)
            raise UsageError(f"--columns: unknown column {word!r}{hint}")
    implied = [word for options in further for word in options.implied(tuple(words), of)]
    columns = tuple(dict.fromkeys((*words, *implied)))
    return Chosen(columns, needs(columns), spare)
