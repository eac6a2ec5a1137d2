"""Arguments: what a model's `forward` is called with, from the sizes and values of a name."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch

from bncalc.errors import UsageError, hint_for
from bncalc.model.naming import input_meant
from bncalc.model.reading import InputNeeded
from bncalc.named import NamedTuple
from bncalc.readers.torch.module import BuiltModel, Loaded, no_input, parameters_of

_Parameters = Mapping[str, inspect.Parameter]
_BY_PLACE = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
_PLAIN = {"bool", "float", "int", "str"}
"""The types of what is no tensor."""


class ModelArguments(NamedTuple):
    """What a model is called with: by place, and by name; and the tensors of both by their names.

    Every tensor is on the meta device and has a batch of one before its sizes.
    """

    by_place: tuple[Any, ...]
    by_name: Mapping[str, Any]
    tensors: Mapping[str, Any]

    def of_images(self, count: int) -> ModelArguments:
        """Return the same for a batch of more."""
        return self.of([each.new_empty(count, *each.shape[1:]) for each in self.tensors.values()])

    def of(self, tensors: Sequence[Any]) -> ModelArguments:
        """Return the same with other tensors in the place of these."""
        others = dict(zip(map(id, self.tensors.values()), tensors, strict=True))
        return ModelArguments(
            tuple([others.get(id(each), each) for each in self.by_place]),
            {name: others.get(id(each), each) for name, each in self.by_name.items()},
            dict(zip(self.tensors, tensors, strict=True)),
        )


def arguments(built: BuiltModel, loaded: Loaded) -> ModelArguments:
    """Return what a model is called with; other parameters of its `forward` keep their defaults.

    Raises UsageError for a setting that nothing takes and for what is no size or type, InputNeeded
    for an input that is not given.
    """
    parameters = parameters_of(built.model.forward) or {}
    given = _by_name(parameters, built.settings, loaded)
    _refuse_unknown(parameters, given, loaded)
    usual = _usual_type(built.model)
    values = {
        name: _value(name, parameters.get(name), setting, usual) for name, setting in given.items()
    }
    leading = tuple(_leading(parameters, values))
    by_name = {name: value for name, value in values.items() if name not in leading}
    tensors = {name: value for name, value in values.items() if isinstance(value, torch.Tensor)}
    if not tensors:
        raise no_input(loaded.path)
    return ModelArguments(tuple([values[name] for name in leading]), by_name, tensors)


def _by_name(
    parameters: _Parameters, settings: Mapping[str, object], loaded: Loaded
) -> Mapping[str, object]:
    """Return what is given by the names of `forward`; what has no name is its first input."""
    settings = {input_meant(name, parameters): value for name, value in settings.items()}
    if loaded.input is None:
        return settings
    first = next(iter(parameters), "input")
    if first in settings:
        raise UsageError(f"{loaded.path} gives its input {first!r} twice")
    return {first: tuple(loaded.input), **settings}


def _refuse_unknown(parameters: _Parameters, given: Mapping[str, object], loaded: Loaded) -> None:
    """Raise UsageError for names that `forward` does not take, InputNeeded for those left out."""
    kinds = {parameter.kind for parameter in parameters.values()}
    for name in given:
        if parameters and name not in parameters and inspect.Parameter.VAR_KEYWORD not in kinds:
            words = [*loaded.takes, *parameters]
            raise UsageError(f"{loaded.path} has no setting {name!r}{hint_for(name, words)}")
    left = [
        name
        for name, parameter in parameters.items()
        if parameter.default is parameter.empty and name not in given
        if parameter.kind in (*_BY_PLACE, inspect.Parameter.KEYWORD_ONLY)
    ]
    if left:
        listed = f"the input{'s' if len(left) > 1 else ''} {', '.join(left)}"
        right = "".join([f"@{name}=3,224,224" for name in left])
        raise InputNeeded(
            f"{loaded.path}: give {listed} too, each by its sizes without the batch, as in {right}"
            f", or @{left[0]}=int64,128 for whole numbers"
        )


def _leading(parameters: _Parameters, given: Mapping[str, object]) -> Iterator[str]:
    """Return the names of what can be given by place: hooks of models see nothing else."""
    if not parameters:
        yield from given
    for name, parameter in parameters.items():
        if name not in given or parameter.kind not in (*_BY_PLACE, parameter.VAR_POSITIONAL):
            return
        yield name


def _usual_type(model: Any) -> torch.dtype:
    """Return the type that a model computes with, that of the first fractions that it learned."""
    types = [each.dtype for each in model.parameters() if each.is_floating_point()]
    return types[0] if types else torch.float32


def _value(
    name: str, parameter: inspect.Parameter | None, setting: object, usual: torch.dtype
) -> Any:
    """Return a tensor of the sizes that a setting gives, or the setting itself if it is a value."""
    sizes = setting if isinstance(setting, tuple) else (setting,)
    word = sizes[0] if sizes and isinstance(sizes[0], str) else None
    if not isinstance(setting, tuple):
        is_size = isinstance(setting, int) and not isinstance(setting, bool)
        if not (is_size or _type(word)) or _is_plain(parameter):
            return setting
    kind = usual if word is None else _type(word)
    if kind is None:
        raise UsageError(f"{name}: {word!r} is not a PyTorch type; write int64 or float32")
    sizes = sizes if word is None else sizes[1:]
    for size in sizes:
        if not isinstance(size, int) or isinstance(size, bool) or size < 1:
            raise UsageError(
                f"{name} has the size {size!r}; it must be a whole number of at least 1"
            )
    return torch.empty(1, *sizes, dtype=kind, device="meta")


def _type(word: str | None) -> torch.dtype | None:
    kind = getattr(torch, word, None) if word else None
    return kind if isinstance(kind, torch.dtype) else None


def _is_plain(parameter: inspect.Parameter | None) -> bool:
    """Return whether a parameter takes a number or a word, by its annotation or its default."""
    if parameter is None:
        return False
    words = set(re.findall(r"\w+", str(parameter.annotation)))
    return (bool(words & _PLAIN) and "Tensor" not in words) or (
        isinstance(parameter.default, (bool, float, int, str))
    )
