"""Lookup: which file a MODEL name means and which design within it, and the names of a call."""

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePath

from bncalc import wildcard
from bncalc.disk import DISK, nearest_file
from bncalc.errors import UsageError, suggest
from bncalc.files import Files
from bncalc.language.selection import SUFFIXES
from bncalc.model.registry import BLOCKS
from bncalc.model.shape import Shape
from bncalc.opening.kinds import LANGUAGE, is_readable, kind_of
from bncalc.opening.name import BLOCK, ModelName, parse
from bncalc.quantity import first_few
from bncalc.zoo import MODELS, file_of


def located(name: ModelName, files: Files) -> tuple[str, str]:
    """Return the file that a name means, and the design within it, if it picks one."""
    path, part = name.path, name.part
    if path == "-" or name.is_torch or files.exists(path):
        return path, part
    if path in MODELS:
        return file_of(path), part or path
    from bncalc.readers.ultralytics.scale import letter_in, without_letter  # most names are files

    if (unscaled := without_letter(path)) != path and files.exists(unscaled):
        return unscaled, part or letter_in(path)
    shipped = PurePath(path).stem
    if files is DISK and path.endswith(SUFFIXES) and shipped in MODELS:
        raise UsageError(f"there is no file {path!r}; the shipped model is called {shipped}")
    if "/" in path or path.endswith(SUFFIXES) or kind_of(path) != LANGUAGE:
        return path, part
    if path in BLOCKS:
        return BLOCK + path, part
    begun = [model for model in MODELS if len(path) > 1 and model.startswith(path)]
    hint = suggest(path, MODELS) or suggest(path, BLOCKS)
    if begun:
        hint = f"; there {'is' if len(begun) == 1 else 'are'} {first_few(begun, 6)}"
    if files is DISK and not hint:
        hint = nearest_file(path)
    several = [word for word in re.split(r"[\s,]+", path) if word in MODELS or files.exists(word)]
    if len(several) > 1:
        hint = f"; write each model as a word of its own: {' '.join(several)}"
    hint = hint or "; `bncalc list models` shows all"
    raise UsageError(f"there is no file and no shipped model {path!r}{hint}")


def needs_no_file(name: ModelName) -> bool:
    """Return whether a name means a model though there is no file that is called so."""
    return name.path == "-" or name.is_torch or name.path in MODELS or name.path in BLOCKS


def expand(names: Sequence[str]) -> list[ModelName]:
    """Return the names with globs replaced by the models they match, in order of name."""
    return [name for text in names for name in _matching(parse(text))]


def _matching(name: ModelName) -> Iterable[ModelName]:
    if name.revision or not wildcard.is_magic(name.path) or os.path.exists(name.path):  # noqa: PTH110
        return [name]
    models = [path for path in wildcard.find(name.path) if is_readable(path)]
    if not models:
        from bncalc.submodule import hint

        raise UsageError(f"no model matches {name.path!r}{hint(name.path)}")
    return [name._replace(path=path) for path in models]


def given(
    names: Sequence[str], settings: Mapping[str, str] = {}, input: Shape | None = None
) -> list[ModelName]:
    """Return the MODELs of a call, with what `--set` and `--input` say of them.

    Raises UsageError for settings of more than one MODEL: they would change it under its own name.
    """
    models = expand(names)
    if settings and len(models) > 1:
        meant = names[0] + "".join(f"@{name}={text}" for name, text in settings.items())
        message = f"--set is for one MODEL, but {len(models)} are given"
        raise UsageError(f"{message}; write it after the one it is for: {meant}")
    return [model.having(settings, input) for model in models]
