"""The place of a finding: where in the model file the layer stands that did most to it."""

from __future__ import annotations

from functools import cached_property

from bncalc.budget.metric import METRICS
from bncalc.budget.parts import Numbers
from bncalc.errors import Location
from bncalc.language.origin import Design, Origin


class Places:
    """Where the layers of one design were written; worked out when the first is asked for."""

    def __init__(self, design: Design, file: str, numbers: Numbers) -> None:
        self.design = design
        self.file = file
        self.numbers = numbers

    def most(self, metric: str, part: str, before: Numbers | None) -> Location:
        """Return where the layer of a part stands that grew most, or without a base is the largest.

        `part` is a path, empty for the whole design. Where no line is known, it is the file.
        """
        origin = self._origins.get(self._layer(metric, part, before))
        return origin.location(self.file) if origin else Location(self.file)

    def _layer(self, metric: str, part: str, before: Numbers | None) -> str:
        report = self.numbers.report
        if (index := METRICS[metric].most) is not None:
            return report.layers[index(report)].path
        have = {path: self.numbers.part(metric, path) or 0 for path in self._within[part]}
        grown = have
        if before:
            grown = {path: have[path] - (before.part(metric, path) or 0) for path in have}
        most = max(grown, key=lambda path: grown[path])
        return most if grown[most] > 0 else max(have, key=lambda path: have[path])

    @cached_property
    def _origins(self) -> dict[str, Origin]:
        return self.design.by_path()

    @cached_property
    def _within(self) -> dict[str, list[str]]:
        """The paths of the layers of every part, those of the whole under no path."""
        found: dict[str, list[str]] = {"": []}
        for layer in self.numbers.report.layers:
            found[""].append(layer.path)
            at = len(layer.path)
            while at > 0:
                found.setdefault(layer.path[:at], []).append(layer.path)
                at = layer.path.rfind("/", 0, at)
        return found
