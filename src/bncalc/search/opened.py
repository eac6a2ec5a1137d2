"""Opening a space: a space file, or a model or block of which a call says what varies."""

from __future__ import annotations

import os
from pathlib import PurePath

from bncalc.analysis.assumptions import STANDARD, Assumptions
from bncalc.language.source import reading
from bncalc.search.space import Copied, Space
from bncalc.search.space_file import is_space, read_space
from bncalc.search.subject import Subject, subject_of
from bncalc.zoo.spaces import SPACES, file_of

_SUFFIXES = (".yaml", ".yml")


def open_space(name: str, assumptions: Assumptions = STANDARD) -> Space:
    """Return the space that a file or a shipped name means; raise SpecError for what is wrong."""
    return space_of(name, assumptions)[0]


def space_of(name: str, assumptions: Assumptions = STANDARD) -> tuple[Space, Subject]:
    """Return a space and its subject; of a model or block, a space in which nothing varies yet."""
    files = Copied()
    path = file_of(name) if name in SPACES else name
    if path.endswith(_SUFFIXES) and os.path.exists(path):  # noqa: PTH110 - as elsewhere
        root = reading(files)(path)
        if is_space(root):
            written = read_space(root)
            model = _beside(path, written.model)
            files = Copied()
            subject = subject_of(model, files)
            space = Space(
                title=PurePath(path).stem,
                model=model,
                axes=written.axes,
                rules=written.rules,
                conditions=written.conditions,
                limits=written.limits,
                words=written.words or ("params", "macs", "peak"),
                sample=written.sample,
                seed=written.seed,
                assumptions=assumptions,
                files=files.contents,
            )
            return space, subject
    files = Copied()
    subject = subject_of(name, files)
    contents = files.contents
    return Space(title=name, model=name, axes=(), assumptions=assumptions, files=contents), subject


def _beside(path: str, model: str) -> str:
    """Return a model that a space file names: a file is looked for in the folder of that file."""
    if PurePath(model).is_absolute():
        return model
    beside = str(PurePath(path).parent / model)
    bare = beside.partition("#")[0].partition("@")[0]
    return beside if os.path.exists(bare) else model  # noqa: PTH110 - as elsewhere
