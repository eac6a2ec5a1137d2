"""The words that an option takes, for its help and for completion in shells.

Each table of words is loaded when it is asked for: most commands need none of them.
"""

from collections.abc import Iterable

from bncalc.loading import loaded

_PLACES = {
    "dtype": "analysis.assumptions:DTYPES",
    "activation_dtype": "analysis.assumptions:DTYPES",
    "policy": "analysis.assumptions:POLICIES",
    "optimizer": "analysis.assumptions:OPTIMIZERS",
    "as_": "analysis.conventions:CONVENTIONS",
    "chip": "devices:MICROCONTROLLERS",
    "device": "devices:TIMED",
    "compare device": "devices:DEVICES",
    "plot device": "devices:DEVICES",
    "plot time device": "devices:TIMED",
    "plot arena device": "devices:MICROCONTROLLERS",
    "columns": "render.columns:COLUMNS",
    "sort": "render.columns:SORTABLE",
    "by": "analysis.metric:additive",
    "form": "model.fields:FORMS",
    "kind": "model.registry:BLOCKS",
    "model": "zoo:MODELS",
    "limited": "analysis.metric:limitable",
    "check format": "render.verdict:FORMATS",
}
"""A table of words, or what returns metrics, by the name of the option, or by command and name."""


def choices(option: str, *call: str) -> Iterable[str]:
    """Return the words that an option takes in a call that begins so, none if it takes others."""
    begun = [" ".join((*call[:count], option)) for count in range(len(call), -1, -1)]
    place = next((_PLACES[words] for words in begun if words in _PLACES), None)
    if place is None:
        return ()
    words = loaded(place)
    return [metric.word for metric in words()] if callable(words) else words
