"""What may come next in a call: commands, options, and the words that they take."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from bncalc.cli.choices import choices
from bncalc.errors import SpecError, UsageError

_MODEL_FILES = (".yaml", ".yml", ".onnx", ".tflite")
_MOST_FILES = 1000
_LISTS = ("columns", "metrics")
"""Options that take several words with commas between them."""
_LIMITS = ("most", "least", "growth")
_MODELS = ("model", "models", "targets")


def answered(line: str, commands: Mapping[str, str], breaks: str = "") -> list[str]:
    """Return what may stand at the end of a line, without what the shell has read already.

    A shell may end words at letters of its own, the `breaks`: what stands before the last of them
    is not to be repeated, nor that letter itself, except an `@`: in bash it begins the word.
    """
    words, current = _words(line)
    fitting = [word for word in _candidates(words, current, commands) if word.startswith(current)]
    read = max([current.rfind(letter) + (letter != "@") for letter in breaks], default=0)
    return [word[max(read, 0) :] for word in fitting]


def _words(line: str) -> tuple[list[str], str]:
    """Split a line into the words after the program's name and the last one, as far as it goes."""
    try:
        words = shlex.split(line)
    except ValueError:  # an open quote
        words = line.split()
    if not words or line[-1:].isspace():
        words.append("")
    return words[1:-1], words[-1]


def _candidates(words: list[str], current: str, commands: Mapping[str, str]) -> Iterable[str]:
    if not words:
        return (*commands, "--version", "--help")
    if words[0] not in commands:
        return ()
    command = _command(words, commands)
    options = {flag: option for option in command.params for flag in option.opts}
    before = options.get(words[-1])
    if before is not None and before.param_type_name == "option" and not before.is_flag:
        return _values(words[:2], before, current)
    if current.startswith("-"):
        flags = [
            flag for option in command.params for flag in (*option.opts, *option.secondary_opts)
        ]
        return [flag for flag in (*flags, "--help") if flag.startswith("--")]
    if words[0] == "block" and len(words) == 1:
        return choices("kind")
    arguments = [option for option in command.params if option.param_type_name == "argument"]
    at = min(_positions(words[1:], options), len(arguments) - 1)
    return _values(words[:1], arguments[at], current) if arguments else ()


def _command(words: list[str], commands: Mapping[str, str]) -> Any:
    """Return the command as the parser of calls knows it."""
    if words[0] == "block":
        from bncalc.cli.block import command_of

        kinds = [word for word in words[1:] if word in set(choices("kind"))]
        return command_of(*kinds[:1])
    from typer.main import get_command

    from bncalc.cli.program import program

    return get_command(program(commands, words[0])).commands[words[0]]  # type: ignore[attr-defined]


def _positions(words: list[str], options: Mapping[str, Any]) -> int:
    """Count the words that are neither options nor values of options."""
    count, is_value = 0, False
    for word in words:
        option = options.get(word)
        count += not (is_value or word.startswith("-"))
        is_value = option is not None and not getattr(option, "is_flag", True)
    return count


def _values(call: list[str], parameter: Any, current: str) -> Iterable[str]:
    """Return the words that a parameter takes, and the files where it takes these."""
    name = parameter.name
    own = getattr(parameter.type, "choices", None)
    if own:
        return [str(getattr(choice, "value", choice)) for choice in own]
    if name in _MODELS:
        return _models(current, needs_map="KIND" not in (parameter.metavar or ""))
    if name in _LIMITS:
        return [f"{metric}=" for metric in choices("limited")]
    if name in _LISTS:
        start = current[: current.rfind(",") + 1]
        return [start + word for word in choices("columns")]
    files: Iterable[str] = ()
    if name == "device":
        name, files = "chip" if "CHIP" in parameter.metavar else name, _files(current, (".yaml",))
    return (*choices(name, *call), *files)


def _models(current: str, *, needs_map: bool) -> Iterable[str]:
    """Return the models, and the kinds of blocks, whose map may have to follow an `@`."""
    if "@" in current:
        return _settings(current)
    kinds = [kind + "@" * needs_map for kind in choices("kind")]
    return (*kinds, *choices("model"), *_files(current, _MODEL_FILES))


def _settings(current: str) -> list[str]:
    """Return what a kind of block or a model in our language can have set, after its name."""
    from bncalc.model.registry import BLOCKS, find
    from bncalc.opening.about import variables_of

    before, _, _ = current.rpartition("@")
    name = before.partition("@")[0]
    try:
        names = (
            [field.name for field in find(name).fields] if name in BLOCKS else variables_of(name)
        )
    except (SpecError, UsageError, OSError):
        return []
    return [f"{before}@{name}=" for name in names if f"@{name}=" not in before]


def _files(current: str, suffixes: tuple[str, ...]) -> Iterator[str]:
    """Yield the folders, and the files of some suffixes, that a path can go on to."""
    folder, _, start = current.rpartition("/")
    try:
        entries = os.scandir(folder + "/" if "/" in current else ".")
    except OSError:
        return
    with entries:
        for entry, _ in zip(entries, range(_MOST_FILES), strict=False):
            path = f"{folder}/{entry.name}" if "/" in current else entry.name
            if entry.name.startswith(".") > start.startswith(".") or not path.isprintable():
                continue
            if entry.is_dir():
                yield f"{path}/"
            elif entry.name.endswith(suffixes):
                yield path
