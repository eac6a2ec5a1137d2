"""`bncalc block`: one block with its arithmetic written out; each kind's fields are its options."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from itertools import product
from math import prod
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bncalc.cli.analyses import ColumnsOption, Judged, Trained, chosen_columns
from bncalc.cli.command import Command
from bncalc.cli.fields import flag_of, option_of, value_of, values_of, written
from bncalc.cli.ignored_options import named, refuse_ignored
from bncalc.cli.options import Asked, NoRatioOption, Shown, input_of
from bncalc.cli.sharing import options_of, taken
from bncalc.errors import ShapeError, UsageError, hint_for
from bncalc.model.building import Defaults
from bncalc.model.field_types import Boolean
from bncalc.model.fields import Act, Field, Norm, Sizes, type_in
from bncalc.model.graph import Graph
from bncalc.model.net import graph_of
from bncalc.model.op import Block
from bncalc.model.registry import BLOCKS, OPS, find
from bncalc.model.shape import Shape
from bncalc.named import NamedTuple

if TYPE_CHECKING:
    from bncalc.render.table import Table

_DEFAULT = "bottleneck"
_MOST_BLOCKS = 1000
_EXAMPLES = """bncalc block --cin 256 --mid 64
bncalc block --cin 256 --mid 16:128:16
bncalc block inverted_residual --cin 24 --cout 40 --expand 6 --stride 2
bncalc block fire -h"""
_HEIGHT = "56"
_CIN = Annotated[int | None, typer.Option(min=1, max=10**9, metavar="N", help="Input channels.")]
_SIZE = Annotated[
    str | None,
    typer.Option(metavar="H[xW]", help="Height and width of the map, or DxHxW. [default: 56]"),
]
_INPUT = Annotated[
    str | None,
    typer.Option(
        metavar="C,H,W",
        help="The whole input map, instead of --cin and --size: 256,56,56 or 2x44100.",
    ),
]
_SHARED = {
    "norm": Field("norm", type_in(Norm), None, "norm after each convolution"),
    "act": Field("act", type_in(Act), None, "activation after each convolution"),
    "bias": Field("bias", Boolean(), None, "a bias in each convolution"),
}


def block(context: typer.Context) -> None:
    """Show one block layer by layer, with its arithmetic and what it saves."""
    arguments = list(context.args)
    word = _word(arguments)
    command_of(word).main(arguments, prog_name=f"bncalc block {word}", standalone_mode=False)


def command_of(word: str = _DEFAULT) -> Any:
    """Return the command of one kind, whose options are the kind's fields."""
    kind = find(word)
    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    app.command(
        f"block {word}",
        cls=Command,
        context_settings={"help_option_names": ["-h", "--help"]},
        help=_help(word, kind),
    )(_command(word, kind))
    return typer.main.get_command(app)


def _word(arguments: list[str]) -> str:
    """Take the kind out of the arguments; without one it is the bottleneck."""
    for position, (before, argument) in enumerate(zip(["", *arguments], arguments, strict=False)):
        if argument in BLOCKS and not _takes_value(before, argument):
            return arguments.pop(position)
    if arguments and arguments[0] in OPS:
        message = f"{arguments[0]!r} is an op, not a block; 'plain' is a block of one convolution"
        raise UsageError(f"{message}, and `bncalc list blocks` shows all")
    if arguments and not arguments[0].startswith("-"):
        hint = hint_for(arguments[0], BLOCKS)
        raise UsageError(f"unknown block {arguments[0]!r}{hint}")
    return _DEFAULT


def _takes_value(argument: str, word: str) -> bool:
    """Return whether an argument is an option of a kind that takes what follows as its value."""
    parameters = command_of(word).params if argument.startswith("-") else ()
    spellings = [(*each.opts, *each.secondary_opts) for each in parameters if not each.is_flag]
    return any(argument in names for names in spellings)


def _help(word: str, kind: type[Block]) -> str:
    text = f"{inspect.cleandoc(kind.__doc__ or '')}\n\n{kind.paper}"
    if word == _DEFAULT:
        others = ", ".join(kind for kind in BLOCKS if kind != _DEFAULT)
        text += f"\n\nOther kinds, as in `bncalc block fire`: {others}"
        text += f"\n\nExamples:\n{_EXAMPLES}"
    return text


def _command(word: str, kind: type[Block]) -> Callable[..., None]:
    """Return a function whose signature holds the kind's fields, as Typer reads signatures."""
    parameters = _parameters(kind)

    def run(**given: Any) -> None:
        fields = [field for field in kind.fields if given[field.name] is not None]
        values = {field.name: values_of(field, given[field.name]) for field in fields}
        shared = [field for field in _SHARED.values() if given[field.name] is not None]
        defaults: dict[str, Any] = {f.name: value_of(f, given[f.name]) for f in shared}
        call = _Call(
            kind=kind,
            defaults=Defaults(**defaults),
            input=_arriving(given["cin"], given["size"], given["input"]),
            asked=taken(Asked, given),
            further=(taken(Trained, given), taken(Judged, given)),
            columns=given["columns"],
            no_ratio=given["no_ratio"],
            shown=taken(Shown, given),
        )
        if any(len(several) > 1 for several in values.values()):
            _compare(values, call)
        else:
            _show({name: value for name, (value,) in values.items()}, call)

    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return run


def _parameters(kind: type[Block]) -> list[inspect.Parameter]:
    """Return the kind's fields and what all blocks share, the required ones first."""
    options: dict[str, tuple[object, object]] = {"cin": (_CIN, None)}
    for field in kind.fields:
        options[field.name] = (option_of(field), ... if field.required else None)
    options.setdefault("size", (_SIZE, None))
    options["input"] = (_INPUT, None)
    for name, field in _SHARED.items():
        options.setdefault(name, (option_of(field), None))
    options |= {
        "columns": (ColumnsOption, None),
        "no_ratio": (NoRatioOption, False),
        **{
            option.name: (option.annotation, option.default)
            for shared in (Asked, Trained, Judged, Shown)
            for option in options_of(shared)
        },
    }
    empty, kind_of = inspect.Parameter.empty, inspect.Parameter.KEYWORD_ONLY
    return [
        inspect.Parameter(
            name, kind_of, annotation=annotation, default=empty if default is ... else default
        )
        for name, (annotation, default) in options.items()
    ]


def _arriving(cin: int | None, size: str | None, input: str | None) -> Shape:
    """Return the input map; one number for its size is both height and width."""
    if input is not None:
        if cin is not None or size is not None:
            raise UsageError("give the input map with --input or with --cin and --size, not both")
        return input_of(input)
    if cin is None:
        raise UsageError("give the input channels with --cin, or the whole map with --input")
    space = value_of(Field("size", type_in(Sizes), ..., ""), size or _HEIGHT)
    assert isinstance(space, tuple)
    return Shape(cin, *(space if len(space) > 1 else space * 2))


class _Call(NamedTuple):
    """What a call wants of its block, whatever values that has."""

    kind: type[Block]
    defaults: Defaults
    input: Shape
    asked: Asked
    further: tuple[Trained, Judged]
    columns: str | None
    no_ratio: bool
    shown: Shown

    def graphs(self, values: dict[str, Any]) -> tuple[Graph, Graph | None]:
        """Build the block, and the plain convolution it replaces."""
        try:
            made = self.kind(**values)
            graph = graph_of(made, self.input, self.defaults)
        except ShapeError as error:
            given = error.field in values  # what was not given is not to blame
            raise UsageError(
                f"--{flag_of(error.field or '')}: {error}" if given else str(error)
            ) from None
        plain = made.replaces(self.input)
        if plain is None or isinstance(plain, self.kind):
            return graph, None
        return graph, graph_of(plain, self.input, self.defaults)

    def closed_form(self, values: dict[str, Any]) -> str:
        """Return the params in terms of what was given, and up to where the block saves."""
        from bncalc.render.notation import closed_form_line
        from bncalc.search.break_even import closed_form

        form = closed_form(self.kind, values, self.input, self.defaults)
        return closed_form_line(self.kind.word, form)


def _show(values: dict[str, Any], call: _Call) -> None:
    """Show one block with its arithmetic."""
    from bncalc.analysis.comparison import compare
    from bncalc.analysis.measurement import measure
    from bncalc.cli.answer import answer

    refuse_ignored("a single block", named(no_ratio=call.no_ratio))
    graph, replaced = call.graphs(values)
    chosen = chosen_columns(call.columns, "block", *call.further)
    assumed = call.asked.assumptions(*call.further)
    report = measure(graph, assumed, chosen.also)
    plain = None if replaced is None else measure(replaced, assumed)

    def view() -> Table:
        from bncalc.render.columns import WORKED_OUT
        from bncalc.render.views import block_view

        form = call.closed_form(values)
        return chosen.sparing(block_view(report, plain, chosen.columns or WORKED_OUT, form))

    answer(call.shown, compare((report,), report.name), view)


def _compare(values: dict[str, list[Any]], call: _Call) -> None:
    """Show a block with each of several values, side by side."""
    from bncalc.analysis.comparison import compare
    from bncalc.analysis.measurement import measure
    from bncalc.cli.answer import answer

    count = prod(map(len, values.values()))
    if count > _MOST_BLOCKS:
        raise UsageError(f"these are {count:,} blocks; at most {_MOST_BLOCKS:,} can be shown")
    chosen = chosen_columns(call.columns, "designs", *call.further)
    assumed = call.asked.assumptions(*call.further)
    reports = []
    for combination in product(*values.values()):
        single = dict(zip(values, combination, strict=True))
        varied = {name: value for name, value in single.items() if len(values[name]) > 1}
        name = "".join(f"@{name}={written(value)}" for name, value in varied.items())
        graph, _ = call.graphs(single)
        reports.append(measure(graph._replace(name=call.kind.word + name), assumed, chosen.also))

    def view() -> Table:
        from bncalc.render.columns import COMPARED
        from bncalc.render.views import comparison_view

        words = chosen.columns or COMPARED
        return chosen.sparing(comparison_view(comparison, words, ratios=not call.no_ratio))

    comparison = compare(tuple(reports), reports[0].name)
    answer(call.shown, comparison, view)
