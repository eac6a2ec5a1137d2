"""Commands as we want them: stricter than Typer's own, their help in groups and with examples."""

from collections import Counter
from typing import Any

from typer.core import TyperCommand, TyperGroup

from bncalc.cli.help import write_examples, write_options, write_text
from bncalc.errors import UsageError


class Command(TyperCommand):
    """A command that refuses an option given twice, of which Typer would take the last."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        _, _, order = self.make_parser(ctx).parse_args(list(args))
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
        write_text(self.help or "", formatter)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        write_options(self.get_params(ctx), ctx, formatter)

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        write_examples(self.help or "", formatter)


class Commands(TyperGroup):
    """All commands together; their list has whole summaries."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        summaries = [
            (name, (command.help or "").partition("\n\n")[0].replace("\n", " "))
            for name, command in self.commands.items()
        ]
        with formatter.section("Commands"):
            formatter.write_dl(summaries)
