"""Spaces: a model, what of it varies, and which of the designs are wanted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import prod
from typing import TYPE_CHECKING

from bncalc.analysis.assumptions import STANDARD, Assumptions
from bncalc.analysis.metric import METRICS
from bncalc.disk import DISK
from bncalc.errors import UsageError
from bncalc.files import MAX_BYTES, Content
from bncalc.quantity import plural
from bncalc.search.axis import Axis
from bncalc.search.costing import Costing, devices_of
from bncalc.search.limits import SearchLimit, limits_in
from bncalc.search.rule import SpaceRule
from bncalc.search.subject import SearchSubject, subject_of

if TYPE_CHECKING:
    from bncalc.search.column import Array
    from bncalc.search.sweep import Sweep

BATCH = 50_000
"""Designs in a batch: enough that arrays pay, few enough for the memory of a small machine."""
_MOST_DESIGNS = 10**15


@dataclass(frozen=True, kw_only=True, repr=False)
class Space:
    """Designs of one model. All of it is plain data, which can be sent to other processes.

    `sample` is how many designs are drawn with the `seed`; None means the whole grid. `files`
    are the model's own, so that every batch reads what the first one read.
    """

    title: str
    model: str
    axes: tuple[Axis, ...]
    rules: tuple[SpaceRule, ...] = ()
    conditions: tuple[SpaceRule, ...] = ()
    limits: tuple[SearchLimit, ...] = ()
    words: tuple[str, ...] = ("params", "macs", "peak")
    sample: int | None = None
    seed: int = 0
    assumptions: Assumptions = STANDARD
    files: Mapping[str, bytes] = field(default_factory=dict)
    batch: int = BATCH

    def __repr__(self) -> str:
        drawn = "" if self.sample is None else f", {self.sample:,} of them drawn"
        return f"<Space {self.about}: {plural(self.size, 'design')}{drawn}>"

    @property
    def about(self) -> str:
        """What varies of what: mobilenet_v2: width × size."""
        names = " × ".join([axis.name for axis in self.axes])
        return f"{self.title}: {names}" if names else self.title

    @property
    def size(self) -> int:
        """How many designs the grid has."""
        return prod(len(axis.values) for axis in self.axes)

    @property
    def count(self) -> int:
        """How many designs are worked out."""
        return self.size if self.sample is None else self.sample

    @property
    def batches(self) -> int:
        """How many batches that takes."""
        return -(-self.count // self.batch)

    def costing(self) -> Costing:
        """Return what works a design out; raise UsageError for what cannot vary."""
        metrics = [METRICS[word] for word in self.measured]
        files = Copied(self.files)
        subject = subject_of(self.model, files)
        devices = devices_of(self.axes, subject, files)
        if "bound" in self.measured and not devices and self.assumptions.device is None:
            raise UsageError("a lower bound of time is that of a device: --vary device=a100")
        costing = Costing(subject, self.assumptions, metrics, self.rules, devices)
        costing.refuse_unknown([axis.name for axis in self.axes], self.conditions)
        return costing

    def with_files(self, subject: SearchSubject) -> Space:
        """Return the same with all files that it needs, so that other machines can work on it."""
        files = Copied(self.files)
        devices_of(self.axes, subject, files)
        return replace(self, files=files.contents)

    @property
    def measured(self) -> tuple[str, ...]:
        """The metrics that are shown, and then those that are limited besides."""
        return tuple(dict.fromkeys((*self.words, *[limit.word for limit in self.limits])))

    def drawn(self, number: int) -> dict[str, Array]:
        """Return the designs of one batch, by name of what varies."""
        from bncalc.search.draw import at_random, grid

        start = number * self.batch
        stop = min(self.count, start + self.batch)
        if self.sample is None:
            return grid(self.axes, start, stop)
        return at_random(self.axes, stop - start, self.seed, number)

    def feasible(self, limits: Mapping[str, object], count: int) -> Sweep:
        """Return so many designs within limits, none twice, each as likely as any other.

        `limits` are written as in a space file: {"macs": "300M", "params": {"min": "1M"}}; what the
        space itself limits holds too. The seed is the space's. Raises UsageError where no design is
        feasible.
        """
        from bncalc.search.feasible import feasible

        return feasible(replace(self, limits=(*self.limits, *limits_in(limits))), count)

    def refuse(self) -> None:
        """Raise UsageError for a space without designs, or with more than can be numbered."""
        if not self.axes:
            raise UsageError("nothing varies: say what should, as in --vary width=0.5:2:0.25")
        if self.count > _MOST_DESIGNS:
            right = f"at most {_MOST_DESIGNS:,} are numbered; draw some of them: --sample 100000"
            raise UsageError(f"that is {self.count:,} designs; {right}")


class Copied:
    """Files of this machine, each read once. `contents` holds them for other processes."""

    def __init__(self, contents: Mapping[str, bytes] | None = None) -> None:
        self.contents = dict(contents or {})

    def exists(self, path: str) -> bool:
        return path in self.contents or DISK.exists(path)

    def called(self, path: str) -> str:
        return DISK.called(path)

    def read(self, path: str, most: int = MAX_BYTES) -> bytes:
        if path not in self.contents:
            self.contents[path] = DISK.read(path, most)
        return self.contents[path]

    def open(self, path: str) -> Content:
        return DISK.open(path)
