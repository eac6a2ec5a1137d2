"""The tree of layers: parts that open, and equal copies folded into one row."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from bncalc.analysis.report import Report, Section
from bncalc.named import NamedTuple
from bncalc.render import units
from bncalc.render.page.markup import element, text


class Branch(NamedTuple):
    """A part or a layer, the layers `start` up to `stop`, and what lies within.

    `copies` are alike and follow each other; the rows within are those of the first.
    """

    name: str
    path: str
    word: str
    start: int
    stop: int
    within: tuple[Branch, ...] = ()
    copies: int = 1


def tree(report: Report) -> tuple[Branch, ...]:
    """Return the parts and layers of a report as branches, equal neighbours folded."""
    sections = list(report.sections)
    return _folded(report, _within(report, sections, 0, len(report.layers), ""))


def _within(
    report: Report, sections: list[Section], start: int, stop: int, path: str
) -> list[Branch]:
    """Return what lies in a stretch of layers, in running order; sections are used up in order."""
    branches: list[Branch] = []
    at = start
    while at < stop:
        if sections and sections[0].start == at and sections[0].stop <= stop:
            part = sections.pop(0)
            inner = _within(report, sections, part.start, part.stop, part.path)
            name = part.path.removeprefix(f"{path}/")
            within = _folded(report, inner)
            branches.append(Branch(name, part.path, part.word, part.start, part.stop, within))
            at = part.stop
        else:
            layer = report.layers[at]
            name = layer.path.removeprefix(f"{path}/")
            branches.append(Branch(name, layer.path, layer.op, at, at + 1))
            at += 1
    return branches


def _folded(report: Report, branches: list[Branch]) -> tuple[Branch, ...]:
    folded: list[Branch] = []
    for _, group in groupby(branches, key=lambda branch: _kind(report, branch)):
        alike = list(group)
        first, last = alike[0], alike[-1]
        if len(alike) > 1 and first.within:
            folded.append(
                first._replace(
                    name=f"{first.name} to {last.name}", stop=last.stop, copies=len(alike)
                )
            )
        else:
            folded += alike
    return tuple(folded)


def _kind(report: Report, branch: Branch) -> tuple[object, ...]:
    """Return what copies have in common: the same ops on the same shapes at the same cost."""
    layers = report.layers[branch.start : branch.stop]
    return (branch.word, *((layer.op, layer.inputs, layer.output, layer.cost) for layer in layers))


def tree_table(report: Report) -> str:
    """Return the tree as a table that reads without a script; the script opens and sorts it."""
    titles = ("layer", "output", "params", "MACs", "of MACs", "live maps")
    keys = ("name", "", "params", "macs", "macs", "live")
    head = "".join(
        element("th", text(title), scope="col", class_="number" if i > 1 else "", data_key=key)
        for i, (title, key) in enumerate(zip(titles, keys, strict=True))
    )
    rows = "\n".join(_rows(report, tree(report), 0))
    body = element("thead", element("tr", head)) + element("tbody", rows)
    inner = element("table", body, id=f"layers-{report.name}", class_="layers")
    return element(
        "div",
        inner,
        class_="wide",
        tabindex=0,
        role="region",
        aria_label=f"layers of {report.name}",
    )


def _rows(report: Report, branches: tuple[Branch, ...], depth: int) -> Iterator[str]:
    for branch in branches:
        yield _row(report, branch, depth)
        yield from _rows(report, branch.within, depth + 1)


def _row(report: Report, branch: Branch, depth: int) -> str:
    layers = report.layers[branch.start : branch.stop]
    params = sum(layer.cost.params for layer in layers)
    macs = sum(layer.cost.macs for layer in layers)
    live = max(report.memory.live[branch.start + 1 : branch.stop + 1], default=0)
    times = f" ×{branch.copies}" if branch.copies > 1 else ""
    name = text(branch.name) + element("small", f" {text(branch.word)}{times}")
    cells = (
        element("th", name, scope="row", class_=f"depth{min(depth, 6)}", title=branch.path),
        element("td", text(str(layers[-1].output))),
        element("td", units.count(params), class_="number"),
        element("td", units.count(macs), class_="number"),
        element("td", _share(macs, report.totals.macs), class_="number"),
        element("td", units.size(live), class_="number"),
    )
    return element(
        "tr", *cells, data_depth=depth, data_path=branch.path, data_params=params, data_macs=macs,
        data_live=live, class_="part" if branch.within else "layer",
    )  # fmt: skip


def _share(part: int, whole: int) -> str:
    """Return a bar with its number beside it."""
    width = 60 * part / whole if whole else 0
    rectangle = f'<rect width="{width:.1f}" height="10"/>'
    bar = f'<svg width="60" height="10" aria-hidden="true">{rectangle}</svg>'
    return bar + element("span", units.share(part, whole))
