"""The options that commands share, each defined once."""

from pathlib import PurePath
from typing import TYPE_CHECKING, Annotated

import typer

from bncalc.analysis.assumptions import STANDARD, Assumptions, policy_of
from bncalc.errors import UsageError, refuse_unknown
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
    "any #name and @settings; globs; - is standard input."
)
"""What an argument that takes several models accepts."""
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
    typer.Argument(metavar="MODEL...", help=MODELS_HELP, show_default=False),
]
DepthOption = Annotated[
    int | None, typer.Option(min=1, metavar="N", help="How many levels of parts to open.")
]
NoRatioOption = Annotated[
    bool, typer.Option("--no-ratio", help="Leave out the ratios beside a comparison's numbers.")
]
PlotOption = Annotated[
    bool,
    typer.Option("--plot", help="Draw a chart under the table; `bncalc plot` writes pictures."),
]
OutputOption = Annotated[
    str | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        help="Write the output to this file, replacing it if it exists.",
    ),
]
_PICTURES = {
    ".svg": "this command cannot draw SVG; `bncalc plot` can",
    ".png": "this command cannot draw PNG; `bncalc plot` can",
    ".html": "this command cannot write HTML; `bncalc report` can",
    **dict.fromkeys(
        (".htm", ".pdf", ".jpg", ".jpeg", ".gif", ".webp", ".xlsx", ".xls", ".ods"),
        "bncalc cannot write this kind of file; use .json, .csv, .md or .tex",
    ),
}
"""Why output cannot go to a file with this suffix: no program would open the text."""
BatchOption = Annotated[
    int, typer.Option(min=1, metavar="N", help="Images per batch; params do not change.")
]
ActivationDtypeOption = Annotated[
    str | None,
    typer.Option(
        metavar="TYPE", help="Data type of the maps, if it differs from that of the weights."
    ),
]
FoldNormOption = Annotated[
    bool, typer.Option("--fold-norm", help="Fold each batch norm into the layer before it.")
]


class Shown(NamedTuple):
    """The format of the output, its style, and the file it goes to."""

    format: Annotated[
        Format | None,
        typer.Option(
            "--format",
            "-f",
            metavar="FORMAT",
            help=f"{', '.join(Format)}. By default the suffix of --output decides, else table.",
            show_default=False,
        ),
    ] = None
    output: OutputOption = None
    exact: Annotated[
        bool, typer.Option("--exact", help="Do not round numbers, however narrow the terminal.")
    ] = False

    unit: Annotated[
        str | None,
        typer.Option(
            metavar="LETTER",
            help="Write counts in k, M, G or T, or choose for each: params=M,macs=G.",
        ),
    ] = None
    caption: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Your own title; in LaTeX, the caption.")
    ] = None
    label: Annotated[
        str | None, typer.Option(metavar="NAME", help="The LaTeX label, for \\ref.")
    ] = None

    def styled(self, table: "Table") -> "Table":
        """Return the table in the style that was asked for.

        Raises UsageError for an unknown unit, and for one that no column takes.
        """
        if not (self.unit or self.caption or self.label):
            return table
        from bncalc.render.paper import Style, styled, units_of

        units = units_of(self.unit) if self.unit else {}
        return styled(table, Style(units, self.caption or "", self.label or ""))

    @property
    def form(self) -> Format:
        """The format that `--format` or the suffix of `--output` asks for.

        Raises UsageError if the two disagree, and for a picture.
        """
        suffix = PurePath(self.output or "").suffix.lower()
        if suffix in _PICTURES:
            raise UsageError(f"--output {self.output}: {_PICTURES[suffix]}")
        by_suffix = BY_SUFFIX.get(suffix, self.format)
        if self.format not in (None, by_suffix):
            raise UsageError(f"--format {self.format} does not suit --output {self.output}")
        return by_suffix or Format.table


class Altered(NamedTuple):
    """The options that change what model files say."""

    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="Set one of the file's vars. Repeatable."),
    ] = None
    input: Annotated[
        str | None,
        typer.Option(
            "--input",
            metavar="C,H,W",
            help="The input, instead of the file's: 3,224,224 or 2x44100.",
        ),
    ] = None
    form: Annotated[
        str | None,
        typer.Option(
            metavar="trained|fused",
            help="Take blocks such as RepVGG as trained, or as fused for inference.",
        ),
    ] = None

    include: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FILE",
            help="A file whose `define:` blocks implement modules of Ultralytics models. "
            "Repeatable.",
        ),
    ] = None

    def models(self, names: list[str]) -> "list[ModelName]":
        """Return the named models with these settings; raise UsageError if one cannot be set."""
        from bncalc.opening.lookup import given  # the reader of YAML, which `block` never needs
        from bncalc.opening.model import refuse_include

        settings = {}
        for setting in self.set_ or ():
            name, equals, value = setting.partition("=")
            if not equals or not name.strip():
                raise UsageError(f"--set {setting}: write NAME=VALUE")
            if name.strip() in settings:
                raise UsageError(f"--set {setting}: {name.strip()!r} is set twice; set it once")
            settings[name.strip()] = value
        models = given(names, settings, self.sizes())
        refuse_include(models, self.include or ())
        return models

    def model(self, name: str) -> "ModelName":
        """Return the named model; raise UsageError if the name means several."""
        models = self.models([name])
        if len(models) > 1:
            several = f"{models[0]}, {models[1]} …"
            raise UsageError(f"{name} is {len(models)} models ({several}); name one")
        return models[0]

    def overrides(self) -> "Overrides":
        """Return the options that apply to all models."""
        from bncalc.model.fields import FORMS
        from bncalc.opening.model import Overrides

        if self.form is not None:
            refuse_unknown("--form: unknown form", self.form, FORMS)
        defaults = {} if self.form is None else {"form": self.form}
        return Overrides(defaults=defaults, include=tuple(self.include or ()))

    def sizes(self) -> "Shape | None":
        """Return the given input; raise UsageError if it cannot be read."""
        return None if self.input is None else input_of(self.input)


class Asked(NamedTuple):
    """The assumptions that every measuring command takes."""

    batch: BatchOption = STANDARD.batch
    dtype: Annotated[
        str | None,
        typer.Option(
            metavar="TYPE",
            help="Data type of weights and maps; float32 by default, int8 on a microcontroller. "
            "One of {choices}.",
        ),
    ] = None
    activation_dtype: ActivationDtypeOption = None
    policy: Annotated[
        str,
        typer.Option(
            metavar="POLICY",
            help="How maps share memory; switches may follow: deploy,-add,+depthwise. "
            "One of {choices}.",
        ),
    ] = STANDARD.memory_policy.name
    fold_norm: FoldNormOption = False

    def assumptions(
        self, *further: "Trained | Judged | Deployed", on_chip: bool = False
    ) -> Assumptions:
        """Return them for the analysis: int8 on a microcontroller unless a type is named.

        Raises UsageError for an unknown name.
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
    """Read the shape of an input: 3,224,224, or 3x224x224; raise UsageError if it is not one."""
    from bncalc.model.fields import input_shape

    try:
        return input_shape(text)
    except UsageError as error:
        raise UsageError(f"--{error}") from None
