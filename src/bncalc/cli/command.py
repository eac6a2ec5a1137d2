"""Commands as we want them: stricter than Typer's own, their help in groups and with examples."""

import re
from collections import Counter
from typing import Any

from typer.core import TyperCommand, TyperGroup

from bncalc.errors import UsageError

_GROUPS = {
    "Model": ("set_", "input", "form", "include"),
    "Assumptions": ("batch", "dtype", "activation_dtype", "policy", "fold_norm"),
    "Training": ("optimizer", "checkpoint", "fit"),
    "Other tools and devices": ("as_", "device", "runtime", "pad", "patch", "patch_layers"),
    "Output": (
        *("columns", "format", "output", "exact", "reports", "quiet", "every", "exit_code"),
        *("exit_zero", "fail_on", "no_ratio", "unit", "caption", "label"),
    ),
}
_GROUP_OF = {name: group for group, names in _GROUPS.items() for name in names}


class Command(TyperCommand):
    """A command that refuses an option given twice, of which Typer would take the last."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        try:
            _, _, order = self.make_parser(ctx).parse_args(list(args))
        except Exception as error:
            error.ctx = ctx  # type: ignore[attr-defined]  # which a missing value does not have
            raise
        for parameter, times in Counter(order).items():
            is_mere_flag = getattr(parameter, "is_flag", False) and not parameter.secondary_opts
            if times > 1 and not (parameter.multiple or parameter.nargs == -1 or is_mere_flag):
                raise UsageError(f"{parameter.opts[0]} is given {times} times; give it once")
        return super().parse_args(ctx, args)

    def make_parser(self, ctx: Any) -> Any:
        """Return a parser to which `-@width=2` and `-#large` are standard input, and no options."""
        parser = super().make_parser(ctx)
        options = parser._process_opts

        def process(word: str, state: Any) -> None:
            if word.startswith(("-@", "-#")):
                state.largs.append(word)
            else:
                options(word, state)

        parser._process_opts = process  # type: ignore[method-assign,assignment]
        return parser

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        pieces = [self.options_metavar or ""]
        for parameter in self.get_params(ctx):
            if parameter.param_type_name == "argument":
                name = parameter.make_metavar(ctx=ctx)
                pieces.append(name if parameter.required or name[0] == "[" else f"[{name}]")
        return pieces

    def format_help_text(self, ctx: Any, formatter: Any) -> None:
        about, _, _ = (self.help or "").partition("Examples:")
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(about.strip())

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the arguments and the options, group by group."""
        groups: dict[str, list[tuple[str, str]]] = {"Arguments": [], "Options": []}
        groups |= {group: [] for group in _GROUPS}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None:
                is_argument = parameter.param_type_name == "argument"
                group = (
                    "Arguments" if is_argument else _GROUP_OF.get(parameter.name or "", "Options")
                )
                text = _completed(parameter, record[1], self.name or "")
                groups[group].append((record[0], text))
        for group, records in groups.items():
            if records:
                with formatter.section(group):
                    formatter.write_dl(records)

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """Write the examples, each on a line of its own."""
        _, _, examples = (self.help or "").partition("Examples:")
        if examples:
            lines = examples.strip().splitlines()
            with formatter.section("Examples"), formatter.indentation():
                formatter.write("".join(f"  {line.strip()}\n" for line in lines))


class Commands(TyperGroup):
    """All commands together; their list has whole summaries."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        summaries = [
            (name, (command.help or "").partition("\n\n")[0].replace("\n", " "))
            for name, command in self.commands.items()
        ]
        with formatter.section("Commands"):
            formatter.write_dl(summaries)


def _completed(parameter: Any, text: str, command: str) -> str:
    """Fill in the words that an option takes; leave out from which number on it takes numbers."""
    if "{choices}" in text:
        from bncalc.cli.choices import choices  # for help alone

        text = text.replace("{choices}", ", ".join(choices(parameter.name, command)))
    return re.sub(r"(; |  \[)[\d<=]*x[<>=\d]+\]", lambda end: "]" if end[1] == "; " else "", text)
