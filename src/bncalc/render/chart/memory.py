"""Memory: what is live step by step, the peak in another colour and named."""

from __future__ import annotations

from collections.abc import Iterator

from bncalc.analysis.report import Report
from bncalc.named import NamedTuple
from bncalc.render import units
from bncalc.render.breadth import breadth, shortened
from bncalc.render.chart.glyphs import Glyphs, columns_of
from bncalc.render.chart.scale import Scale, linear, ticks, written
from bncalc.render.chart.svg import LEFT, WIDTH, Drawing, Theme, text_width

_TOP, _BOTTOM, _HEIGHT = 48, 232, 264
_LINES = 10
_SMALL = 11


class Stage(NamedTuple):
    """An outermost part: its name, and the step that it begins at."""

    name: str
    start: int


class Memory(NamedTuple):
    """Live bytes at each step, the step of the peak, and the maps that make it."""

    name: str
    live: tuple[int, ...]
    paths: tuple[str, ...]
    step: int
    maps: tuple[tuple[str, int], ...]
    stages: tuple[Stage, ...]
    policy: str

    @property
    def title(self) -> str:
        return f"{self.name}: live feature maps along the layers (policy {self.policy})"

    @property
    def peak(self) -> str:
        return f"{self._size}{self.paths[self.step]}"

    @property
    def _size(self) -> str:
        return f"peak {units.size(self.live[self.step])} at "

    def _peak_within(self, letters: int) -> str:
        """Name the peak in so many letters."""
        return self._size + shortened(self.paths[self.step], letters - len(self._size))

    def svg(self, theme: Theme) -> str:
        maps = ", ".join(f"{path} {units.size(size)}" for path, size in self.maps)
        drawing = Drawing(theme, _HEIGHT, self.title, f"The {self.peak}: {maps}.")
        drawing.heading()
        scale = linear(self.live, _BOTTOM, _TOP, binary=True)
        drawing.grid(scale, ticks(scale, binary=True), written("bytes"))
        step = (WIDTH - LEFT) / len(self.live)
        for index, size in enumerate(self.live):
            top = scale.place(size)
            fill = theme.accent if index == self.step else theme.series[0]
            tip = f"{self.paths[index]}: {units.size(size)}"
            x, width = LEFT + index * step, max(step - 0.5, 0.5)
            drawing.rectangle(x, top, width, _BOTTOM - top, fill, tip=tip)
        self._name(drawing, scale, step)
        self._mark_stages(drawing, step)
        return drawing.render()

    def _mark_stages(self, drawing: Drawing, step: float) -> None:
        """Name the stages below the axis; one that has no room between two others goes unnamed."""
        end = 0.0
        for stage in self.stages:
            x, width = LEFT + stage.start * step, text_width(stage.name, _SMALL)
            if x >= end and x + width <= WIDTH:
                drawing.text(x, _BOTTOM + 18, stage.name, drawing.theme.muted, size=_SMALL)
                end = x + width + _SMALL / 2

    def _name(self, drawing: Drawing, scale: Scale, step: float) -> None:
        x = LEFT + (self.step + 0.5) * step
        is_left = x + text_width(self.peak) < WIDTH or x < (LEFT + WIDTH) / 2
        room = WIDTH - x if is_left else x - LEFT
        label = self._peak_within(int(room / text_width("x")))
        anchor = "start" if is_left else "end"
        y = scale.place(self.live[self.step]) - 6
        drawing.text(x, y, label, drawing.theme.accent, anchor=anchor, halo=drawing.theme.paper)

    def lines(self, width: int, glyphs: Glyphs) -> list[str]:
        scale = linear(self.live, 0, 1, binary=True)
        write = written("bytes")
        left = max(len(write(value)) for value in (0, scale.high)) + 1
        values = columns_of(self.live, max(width - left - 1, 1))
        columns = [glyphs.column(scale.place(value), _LINES) for value in values]
        rows = ["".join(cells) for cells in reversed([*zip(*columns, strict=True)])]
        named = {0: write(scale.high), _LINES - 1: write(0)}
        lines = glyphs.framed(rows, named, left, len(columns))
        lines += [self._stages(left + 1, len(columns)), self._peak_within(width)]
        lines += [f"  {shortened(path, width - 14)} {units.size(size)}" for path, size in self.maps]
        return [line.rstrip() for line in lines]

    def _stages(self, left: int, cells: int) -> str:
        line = " " * left
        for stage in self.stages:
            at = left + stage.start * cells // len(self.live)
            if at >= breadth(line) and at + breadth(stage.name) <= left + cells:
                line += " " * (at - breadth(line)) + stage.name + " "
        return line


def memory(report: Report) -> Memory:
    """Return what is live along the layers of a report. Units: bytes, for the batch."""
    held = report.memory
    paths = ("in", *(layer.path for layer in report.layers))
    maps = sorted(held.at(held.step), key=lambda storage: -storage.size)
    return Memory(
        name=report.name,
        live=held.live,
        paths=paths,
        step=held.step,
        maps=tuple((paths[storage.first], storage.size) for storage in maps),
        stages=tuple(_stages(report)),
        policy=report.assumptions.memory_policy.name,
    )


def _stages(report: Report) -> Iterator[Stage]:
    for section in report.sections:
        if section.depth == 0:
            yield Stage(section.path, section.start + 1)
