"""Costing: values become numbers, by building the subject and measuring it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bncalc.analysis.assumptions import DTYPES, Assumptions
from bncalc.analysis.gaps import gaps
from bncalc.analysis.measurement import Known, measure
from bncalc.analysis.metric import Metric, analyses
from bncalc.disk import DISK
from bncalc.errors import UsageError, hint_for
from bncalc.files import Files
from bncalc.language.device import open_device
from bncalc.model.device import Device
from bncalc.number import Plural
from bncalc.search.axis import Axis
from bncalc.search.evaluation import DesignValues
from bncalc.search.rule import SpaceRule
from bncalc.search.subject import SearchSubject

ASSUMED = ("batch", "dtype", "activation_dtype")
"""What may vary beside the subject's own values, and beside the device."""

MOST_LAYERS = 100_000
"""Layers that are remembered: memory stays constant however many designs there are."""


class Costing:
    """The metrics of a subject, for any values of what varies; rules give further values."""

    def __init__(
        self,
        subject: SearchSubject,
        assumptions: Assumptions,
        metrics: Sequence[Metric],
        rules: Sequence[SpaceRule] = (),
        devices: Mapping[str, Device] | None = None,
    ) -> None:
        self.subject = subject
        self.assumptions = assumptions
        self.metrics = tuple(metrics)
        self.rules = tuple(rules)
        self.devices = devices or {}
        self._also = analyses(metrics)
        self._words = [metric.word for metric in metrics]
        self._counting = not any(metric.each_copy for metric in metrics)
        self._layers: Known = {}
        self.gaps: dict[str, None] = {}
        """What the numbers leave out, each once, in the order in which it was met."""

    def __call__(self, values: DesignValues) -> list[Any]:
        """Return the numbers; raise BncalcError for a design that cannot be."""
        values = self.settled(values)
        assumptions = self._assumed(values)
        graph = self.subject.graph(values, counting=self._counting)
        if not assumptions.memory_policy.hold_parts:
            graph = graph._replace(parts=())  # what they add up to is not asked for
        report = measure(graph, assumptions, self._also, known=self._known(values, assumptions))
        self.gaps |= dict.fromkeys(gaps(report, self._words))
        return [metric.total(report) for metric in self.metrics]

    def _known(self, values: DesignValues, assumptions: Assumptions) -> Known:
        """Return the layers of the last designs; none for other assumptions or many at once."""
        if any(isinstance(value, Plural) for value in values.values()):
            return {}
        if assumptions != self.assumptions:
            return {}
        if len(self._layers) > MOST_LAYERS:
            self._layers.clear()
        return self._layers

    def _assumed(self, values: DesignValues) -> Assumptions:
        """Return what is assumed of designs; a model's own value of that name comes first."""
        own = self.subject.now
        assumed = {name: values[name] for name in ASSUMED if name in values and name not in own}
        if self.devices and "device" in values:
            assumed["device"] = self.devices[values["device"]]
        if not assumed:
            return self.assumptions
        if "dtype" in assumed:
            assumed["target"] = self.assumptions.target._replace(dtype=assumed["dtype"])
        return self.assumptions._replace(**assumed)

    @property
    def now(self) -> Mapping[str, object]:
        """What can vary, each with its present value."""
        assumed = {name: getattr(self.assumptions, name) for name in ASSUMED}
        device = self.assumptions.device
        return {**assumed, "device": device and device.name, **self.subject.now}

    def settled(self, values: DesignValues) -> DesignValues:
        """Return values with those that the rules work out from them."""
        if not self.rules:
            return values
        settled: dict[str, Any] = dict(values)
        for rule in self.rules:
            settled[rule.name] = rule.value(settled)
        return settled

    def refuse_unknown(self, names: Iterable[str], conditions: Iterable[SpaceRule] = ()) -> None:
        """Raise UsageError for a name that varies and that neither the subject nor a rule uses.

        And for one that is worked out besides, or that a rule or condition uses and nothing sets.
        """
        set_so_far, known = list(names), self.now
        used = set[str]().union(*[rule.expression.names for rule in (*self.rules, *conditions)])
        for rule in (*self.rules, *conditions):
            for name in rule.expression.names:
                if name not in set_so_far:
                    right = f"it can use {', '.join(set_so_far)}"
                    raise UsageError(f"{rule.expression.text}: nothing sets {name!r}; {right}")
            if rule.name in set_so_far:
                raise UsageError(f"{rule.name} is set twice: it varies, or is worked out, already")
            set_so_far += [rule.name] if rule.name else []
        for name in set_so_far:
            if name not in known and name not in used:
                hint = hint_for(name, known)
                raise UsageError(f"{self.subject.title} has no value {name!r} to vary{hint}")


def present_in(subject: SearchSubject, name: str) -> object:
    """Return the value that a name has now, around which it varies if nobody says how.

    Raises UsageError for a name that nothing has.
    """
    if name not in subject.now and name not in (*ASSUMED, "device"):
        hint = hint_for(name, subject.now)
        tied = f"if --tie uses it, say which values: {name}=A:B:STEP or a,b,c"
        raise UsageError(f"--vary {name}: {subject.title} has no value {name!r}{hint}; {tied}")
    return subject.now.get(name)


def devices_of(
    axes: Iterable[Axis], subject: SearchSubject, files: Files = DISK
) -> dict[str, Device]:
    """Return the devices that designs vary in, by name; none where the model means something else.

    Raises UsageError for one that there is not.
    """
    names = [axis.values for axis in axes if axis.name == "device"]
    if not names or "device" in subject.now:
        return {}
    return {str(name): open_device(str(name), DTYPES, files) for name in names[0]}
