"""What went wrong, in lines for people: a wrong call, a wrong file, or a bug of ours."""

import re
from collections.abc import Collection
from pathlib import Path
from typing import Any

from bncalc.cli.choices import choices
from bncalc.errors import BncalcError, SpecError, UsageError, hint_for, suggest
from bncalc.quantity import plural

MOST_PROBLEMS = 200
_BEFORE_MODELS = {"CHART": "plot parts", "ACTION": "budget init"}
"""Arguments that come before models, and a call that has one."""


def is_expected(error: Exception) -> bool:
    """Return whether what went wrong is a call or a file, as we or Typer's parser say it."""
    return isinstance(error, BncalcError) or hasattr(error, "format_message")


def lines_of(error: Exception) -> list[str]:
    """Say what went wrong, a line for each problem."""
    if isinstance(error, BncalcError):
        return _refused(error)
    return _misused(error) if is_expected(error) else [_unexpected(error)]


def _refused(error: BncalcError) -> list[str]:
    """Say what is wrong with a file or a call."""
    if isinstance(error, UsageError):
        return [f"error: {error.message}", *[f"  {detail}" for detail in error.details]]
    if not isinstance(error, SpecError):
        return [f"error: {error}"]
    shown = error.problems[:MOST_PROBLEMS]
    lines = [str(problem) for problem in shown]
    if len(error.problems) > len(shown):
        lines.append(f"… and {plural(len(error.problems) - len(shown), 'more error')}")
    return lines


def _misused(error: Any) -> list[str]:
    """Say what Typer's parser found wrong with a call, and where the help is.

    `error` is one of the exceptions of the parser; Typer holds it in a place of its own.
    """
    message = _MESSAGES.get(type(error).__name__, _as_it_is)(error)
    context = error.ctx
    return [f"error: {message}", *([f"see `{context.command_path} --help`"] if context else [])]


def _as_it_is(error: Any) -> str:
    message = str(error.format_message()).rstrip(".")
    extra = re.match(r"Got unexpected extra argument\S* \((.*)\)$", message)
    if extra:
        return f"{error.ctx.command_path} takes no further argument; {_instead_of(extra[1], error)}"
    unknown = re.match(r"No such command (.*?)'(?:\.|$)", message)
    if unknown:
        return _no_such_command(unknown[1].strip("'"), error.ctx.command.commands)
    return message[:1].lower() + message[1:]


def _instead_of(extra: str, error: Any) -> str:
    """Say what to do about arguments that a command does not take."""
    numbers = re.sub(r"[\s,]+", ",", extra)
    if re.fullmatch(r"\d[\d.,]*", numbers):
        return f"write numbers that belong together with commas and no spaces, as in 3,{numbers}"
    if error.ctx.info_name == "show" and extra.strip() and all(map(_is_model, extra.split())):
        return f"`bncalc compare MODEL {extra}` shows several"
    return f"remove {extra!r}"


def _no_such_command(name: str, commands: Collection[str]) -> str:
    if name == "help":
        return "there is no command 'help'; write `bncalc COMMAND --help`"
    if _is_model(name):
        return f"there is no command {name!r}; `bncalc show {name}` shows that model"
    return f"there is no command {name!r}{hint_for(name, commands)}"


def _is_model(name: str) -> bool:
    from bncalc.opening.kinds import is_readable
    from bncalc.zoo import MODELS

    path = name.partition("@")[0]
    return path in MODELS or (is_readable(path) and Path(path).exists())


def _no_such_option(error: Any) -> str:
    options = {flag: each for each in error.ctx.command.params for flag in each.opts}
    wrong, word = error.option_name, error.option_name.removeprefix("--")
    hint = suggest(wrong, options)
    if hasattr(error.ctx.command, "commands") and not hint:
        return f"the command comes before its options: bncalc COMMAND … {wrong}"
    if "--format" in options and word in _choices(options["--format"]):
        hint = f"; write --format {word}"
    elif "--cin" not in options and "--columns" in options and word in choices("columns"):
        hint = f"; write --columns {word}"
    elif word == "format" and "--to" in options:
        hint = f"; write --to {'|'.join(_choices(options['--to']))}"
    return f"there is no option {wrong}{hint}"


def _missing(error: Any) -> str:
    needed = [
        each
        for each in error.ctx.command.params
        if each.required and each.name not in error.ctx.params
    ]
    names = [
        f"{each.opts[0]} " * (each.param_type_name == "option") + each.make_metavar(ctx=error.ctx)
        for each in needed
    ]
    words = _choices(needed[0]) if len(needed) == 1 else []
    hint = f": {', '.join(words)}" if words else ""
    return f"{error.ctx.command_path} needs {', '.join(names)}{hint}"


def _no_value(error: Any) -> str:
    options = {flag: each for each in error.ctx.command.params for flag in each.opts}
    return f"{error.option_name} needs a value: {options[error.option_name].metavar}"


def _bad_value(error: Any) -> str:
    parameter, message = error.param, str(error.message).rstrip(".")
    if parameter is None:
        return _as_it_is(error)
    flag = parameter.opts[0]
    name = flag if flag.startswith("-") else parameter.metavar or parameter.name
    value = message.partition(" is not ")[0].strip("'")
    if name in _BEFORE_MODELS and _is_model(value):
        return f"the {name} comes before the model: bncalc {_BEFORE_MODELS[name]} {value}"
    if words := _choices(parameter):
        return f"{name} cannot be {value!r}{hint_for(value, words)}"
    if hasattr(parameter.type, "min"):
        least, most = parameter.type.min, parameter.type.max
        limits = f"of at least {least:,}" if most is None else f"from {least:,} to {most:,}"
        return f"{name} is {value!r}; it must be a whole number {limits}"
    return f"{name}: {message}"


def _choices(parameter: Any) -> list[str]:
    """Return the words that an argument or option takes; none if it takes any."""
    words = getattr(parameter.type, "choices", ())
    return [str(getattr(word, "value", word)) for word in words]


_MESSAGES = {
    "NoSuchOption": _no_such_option,
    "MissingParameter": _missing,
    "BadParameter": _bad_value,
    "BadOptionUsage": _no_value,
}


def _unexpected(error: Exception) -> str:
    """Say that the machine, or we, failed."""
    if isinstance(error, OSError):  # a full disk, and whatever else a machine may do
        place = f"{error.filename}: " if error.filename else ""
        return f"error: {place}{error.strerror or error}"
    where = f"{type(error).__name__}: {error}".splitlines()[0]
    hint = "this is a bug in bncalc; set BNCALC_DEBUG=1 to see the traceback"
    return f"bncalc: internal error: {where} ({hint})"
