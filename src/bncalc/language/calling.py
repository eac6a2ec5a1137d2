"""Calling: a word that was worked out becomes a call, its arguments checked when they are known."""

from collections.abc import Collection, Mapping

from bncalc.errors import Location, Problem, hint_for, suggest
from bncalc.language.frame import Frame
from bncalc.language.placing import Placing, Unbuilt
from bncalc.language.spec import Argument, Call, Spec
from bncalc.model.net import Net
from bncalc.model.registry import WORDS, find
from bncalc.synonyms import meant


class Calling(Placing):
    """Makes calls of words, in a file that knows blocks of its own."""

    def __init__(self, spec: Spec, net: Net, problems: list[Problem]) -> None:
        super().__init__(net, problems)
        self.spec = spec

    def called(self, word: str, arguments: dict[str, Argument], at: Location, frame: Frame) -> Call:
        """Return the call of a word that was worked out; report one that cannot be."""
        files = (frame.callers[0].kind if frame.callers else self.spec, self.spec)
        for file in files:
            if isinstance(file, Spec) and word in file.definitions:
                definition = file.definitions[word]
                missing = [
                    name
                    for name, default in definition.arguments.items()
                    if default is None and name not in arguments
                ]
                self.refuse_arguments(word, arguments, definition.arguments, missing, at, frame)
                return Call(word, file, arguments, at)
        ours = word if word in WORDS else meant(word, WORDS)
        if ours is None:
            hint = suggest(word, (*WORDS, *self.spec.definitions))
            self.report(at, f"there is no block or op {word!r}{hint}", frame)
            raise Unbuilt
        kind = find(ours)
        names = [field.name for field in kind.fields]
        self.refuse_arguments(ours, arguments, names, (), at, frame)
        return Call(ours, kind, arguments, at)

    def refuse_arguments(
        self,
        word: str,
        given: Mapping[str, Argument],
        known: Collection[str],
        missing: Collection[str],
        at: Location,
        frame: Frame,
    ) -> None:
        """Report what a word does not take, and what it needs; raise Unbuilt if there is any."""
        unknown = [name for name in given if name not in known]
        for name in unknown:
            hint = hint_for(name, known)
            self.report(given[name].location, f"{word} has no argument {name!r}{hint}", frame)
        for name in missing:
            self.report(at, f"{word} needs {name!r}", frame)
        if unknown or missing:
            raise Unbuilt
