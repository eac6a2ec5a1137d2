"""A command as we want it: stricter than Typer's own."""

from collections import Counter
from typing import Any

from typer.core import TyperCommand

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
