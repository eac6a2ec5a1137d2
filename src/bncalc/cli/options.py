"""The options that commands share, each defined once."""

from pathlib import PurePath
from typing import TYPE_CHECKING, Annotated

import typer

from bncalc.analysis.assumptions import (
    STANDARD,
    Assumptions,
    policy_of,
)
from bncalc.errors import UsageError, hint_for
from bncalc.named import NamedTuple
from bncalc.render.formats import BY_SUFFIX, Format

if TYPE_CHECKING:
    from bncalc.cli.analyses import Deployed, Judged, Trained
    from bncalc.model.shape import Shape
    from bncalc.opening.model import Overrides
    from bncalc.opening.name import ModelName
    from bncalc.render.table import Table


MODELS_HELP = (
    "YAML, .onnx or .tflite files, shipped names, torch:module:callable or KIND@C,H,W, with "
    "any #name and @settings"
)
"""What arguments of several models may be."""
ModelArgument = Annotated[
    str,
    typer.Argument(
        metavar="MODEL",
        help="A YAML, .onnx or .tflite file, a shipped name, torch:module:callable or KIND@C,H,W, "
        "with any #name and @settings; - is standard input.",
        show_default=False,
    ),
]
ModelsArgument = Annotated[
    list[str],
    typer.Argument(
        metavar="MODEL...", help=f"{MODELS_HELP}; globs; - is standard input.", show_default=False
    ),
]
PlotOption = Annotated[
    bool,
    typer.Option("--plot", help="Draw a chart under the table; `bncalc plot` writes pictures."),
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
        help="Type of weights and maps; by default float32, on a microcontroller int8.",
    ),
]
OptimizerOption = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="The optimiser assumed for training memory."),
]
CheckpointOption = Annotated[
    bool,
    typer.Option("--checkpoint", help="Run each block again for the backward pass; saves memory."),
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
        typer.Option(
            metavar="LETTER",
            help="Write counts in k, M, G or T; or each in its own: params=M,macs=G.",
        ),
    ] = None
    caption: Annotated[
        str | None, typer.Option(metavar="TEXT", help="A title of your own; LaTeX: a caption.")
    ] = None
    label: Annotated[
        str | None, typer.Option(metavar="NAME", help="LaTeX: what \\ref refers to.")
    ] = None

    def styled(self, table: "Table") -> "Table":
        """Return a table as the call wants it.

        Raises UsageError for a unit that there is not, and for a label of what is not LaTeX.
        """
        if self.label and self.form is not Format.latex:
            raise UsageError("--label is for --format latex; no other form can be referred to")
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
        typer.Option("--set", metavar="NAME=VALUE", help="Set one of the file's vars. Repeatable."),
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
            metavar="trained|fused",
            help="Take blocks such as RepVGG as they are trained, or as fused for inference.",
        ),
    ] = None

    include: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FILE",
            help="A file whose `define:` blocks are modules of Ultralytics models. Repeatable.",
        ),
    ] = None

    def models(self, names: list[str]) -> "list[ModelName]":
        """Return the models of a call with what it sets; raise UsageError where it cannot."""
        from bncalc.opening.lookup import given  # the reader of YAML, which `block` never needs

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
        from bncalc.model.fields import FORMS
        from bncalc.opening.model import Overrides

        if self.form is not None and self.form not in FORMS:
            hint = hint_for(self.form, FORMS)
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
            help="How maps share memory; switches may follow: deploy,-add,+depthwise.",
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


def input_of(text: str) -> "Shape":
    """Read the shape of an input: 3,224,224, or 3x224x224; raise UsageError for what is none."""
    from bncalc.model.fields import input_shape

    try:
        return input_shape(text)
    except UsageError as error:
        raise UsageError(f"--{error}") from None
