"""Opening a space: a space file, or a model or block of which a call says what varies."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
from os import PathLike
from pathlib import PurePath

from bncalc.analysis.assumptions import STANDARD, Assumptions
from bncalc.analysis.metric import metric_named, sweepable
from bncalc.calls import public
from bncalc.errors import (
    Problem,
    SpecError,
    UsageError,
    hint_for,
    refuse_other,
    text_of,
    words_of,
)
from bncalc.language.nodes import MappingNode
from bncalc.language.source import reading
from bncalc.number import refuse_unwhole
from bncalc.opening.setting import setting_value
from bncalc.search.axis import Axis, axis_of, listed
from bncalc.search.costing import ASSUMED, present_in
from bncalc.search.limits import SearchLimit, limits_in
from bncalc.search.rule import condition_of, rule_of
from bncalc.search.space import Copied, Space
from bncalc.search.space_file import WrittenSpace, is_space, read_space
from bncalc.search.subject import SearchSubject, subject_of
from bncalc.zoo.spaces import SPACES, file_of

_SUFFIXES = (".yaml", ".yml")


@public
def space(
    name: str | PathLike[str],
    *,
    vary: Mapping[str, object] | None = None,
    tie: Mapping[str, str] | None = None,
    where: Iterable[str] = (),
    limits: Mapping[str, object] | None = None,
    metrics: Iterable[str] | None = None,
    sample: int | None = None,
    seed: int | None = None,
    assumptions: Assumptions = STANDARD,
) -> Space:
    """Return the designs of a model, a block or a space file in which further names vary.

    `vary` gives each name its values, as a list or as `--vary` writes them: {"width": "0.5:2:0.25",
    "size": [192, 224]}; None stands for a tenth to four times what is written. `tie`, `where`,
    `limits` and `metrics` are what a space file has. Raises UsageError for what cannot be read.
    """
    for given in (vary, tie, limits):
        if not isinstance(given, Mapping | None):
            refuse_other("space", "what varies by name, such as vary={'width': None}", given)
    for what, number, least in (("sample", sample, 1), ("seed", seed, 0)):
        if number is not None:
            refuse_unwhole(what, number, least)
    opened, subject = space_of(text_of("space", name, "resnet50"), assumptions)
    return added(
        opened,
        subject,
        axes=[_axis(subject, *pair) for pair in (vary or {}).items()],
        ties=[f"{left}={right}" for left, right in (tie or {}).items()],
        where=words_of("space", "conditions", where),
        limits=limits_in(limits or {}),
        metrics=None if metrics is None else words_of("space", "metrics", metrics),
        sample=sample,
        seed=seed,
    )


def added(
    space: Space,
    subject: SearchSubject,
    *,
    axes: Iterable[Axis],
    ties: Iterable[str],
    where: Iterable[str],
    limits: Iterable[SearchLimit],
    metrics: Iterable[str] | None,
    sample: int | None,
    seed: int | None,
) -> Space:
    """Return a space with what a call says besides; an axis in place of that of the same name."""
    axes = tuple(axes)
    known = {axis.name for axis in axes}
    words = _shown(space.words, axes)
    if metrics is not None:
        words = tuple([metric_named(word.strip(), sweepable()).word for word in metrics])
    further = replace(
        space,
        axes=(*[axis for axis in space.axes if axis.name not in known], *axes),
        rules=(*space.rules, *[rule_of(text) for text in ties]),
        conditions=(*space.conditions, *[condition_of(text) for text in where]),
        limits=(*space.limits, *limits),
        words=tuple(dict.fromkeys(words)),
        sample=space.sample if sample is None else sample,
        seed=space.seed if seed is None else seed,
    )
    return further.with_files(subject)


def _axis(subject: SearchSubject, name: str, values: object) -> Axis:
    if values is None or isinstance(values, str):
        text = name if values is None else f"{name}={values}"
        return axis_of(text, partial(present_in, subject), setting_value)
    if not isinstance(values, Iterable):
        raise UsageError(f"vary: {name} is {values!r}; give a list of values or A:B:STEP")
    return listed(name, [tuple(value) if isinstance(value, list) else value for value in values])


def space_of(name: str, assumptions: Assumptions = STANDARD) -> tuple[Space, SearchSubject]:
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
            _refuse_unknown(root, written, subject)
            space = Space(
                title=PurePath(path).stem,
                model=model,
                axes=written.axes,
                rules=written.rules,
                conditions=written.conditions,
                limits=written.limits,
                words=written.words or _shown(("params", "macs", "peak"), written.axes),
                sample=written.sample,
                seed=written.seed,
                assumptions=assumptions,
                files=files.contents,
            )
            return space.with_files(subject), subject
    files = Copied()
    subject = subject_of(name, files)
    contents = files.contents
    return Space(title=name, model=name, axes=(), assumptions=assumptions, files=contents), subject


def _refuse_unknown(root: MappingNode, written: WrittenSpace, subject: SearchSubject) -> None:
    """Raise SpecError for all names that vary or are set and that nothing knows."""
    known = (*ASSUMED, "device", *subject.now)
    rules = (*written.rules, *written.conditions)
    used = set[str]().union(*[rule.expression.names for rule in rules])
    blocks = [root.get(word) for word in ("vary", "set")]
    keys = [key for block in blocks if isinstance(block, MappingNode) for key, _ in block.entries]
    problems = []
    for key in keys:
        if key.text not in known and key.text not in used:
            message = f"{subject.title} has no value {key.text!r}{hint_for(key.text, known)}"
            problems.append(Problem(key.location, message))
    if problems:
        raise SpecError(problems)


def _shown(words: Iterable[str], axes: Iterable[Axis]) -> tuple[str, ...]:
    """Return the metrics to show; on several devices the least time, too."""
    return (*words, *["bound" for axis in axes if axis.name == "device"])


def _beside(path: str, model: str) -> str:
    """Return a model that a space file names: a file is looked for in the folder of that file."""
    if PurePath(model).is_absolute():
        return model
    beside = str(PurePath(path).parent / model)
    bare = beside.partition("#")[0].partition("@")[0]
    return beside if os.path.exists(bare) else model  # noqa: PTH110 - as elsewhere
