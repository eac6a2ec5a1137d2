"""What a network says of itself: its paper, its input, its variables."""

from collections.abc import Mapping

from bncalc.language.model import LanguageFile
from bncalc.language.source import reading
from bncalc.language.spec import Spec
from bncalc.model.reading import Request
from bncalc.model.shape import Shape
from bncalc.named import NamedTuple
from bncalc.opening.kinds import LANGUAGE, kind_of
from bncalc.opening.model import NO_OVERRIDES, request_of
from bncalc.opening.name import parse
from bncalc.zoo import MODELS


class About(NamedTuple):
    """A network and its variables, each with the value that this variant has."""

    name: str
    family: str
    description: str
    source: str
    input: Shape | None
    variables: Mapping[str, object]


def about(name: str) -> About:
    """Return what there is to say of a shipped network, without building it."""
    spec, (variables, input) = _read(request_of(parse(name), NO_OVERRIDES))
    return About(name, MODELS[name], spec.description, spec.source, input, variables)


def variables_of(name: str) -> Mapping[str, object]:
    """Return the variables of a file in our language, without building it; none of any other."""
    request = request_of(parse(name), NO_OVERRIDES)
    if request.path == "-" or kind_of(request.path) != LANGUAGE:
        return {}
    _, (variables, _) = _read(request)
    return variables


def _read(request: Request) -> tuple[Spec, tuple[Mapping[str, object], Shape | None]]:
    """Return a file, and the variables and the input that it has for a request."""
    file = LanguageFile.read(request.path, reading(request.files))
    return file.spec, file.values(request)
