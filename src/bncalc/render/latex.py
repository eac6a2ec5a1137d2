"""Tables in LaTeX, for the booktabs package."""

from __future__ import annotations

import re

from bncalc.printable import printable
from bncalc.render.table import Table, full

_SPECIAL = {
    "\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    "×": r"$\times$", "·": r"$\cdot$", "→": r"$\rightarrow$", "−": "$-$", "–": r"\textendash{}",
    "÷": r"$\div$", "≤": r"$\leq$", "≥": r"$\geq$", "√": r"$\surd$", "µ": r"$\mu$",
    "…": r"\ldots{}", "<": r"\textless{}", "|": r"\textbar{}", ">": r"\textgreater{}",
    **{letter: "\\" + letter for letter in "#$%&_{}"},
}  # fmt: skip


def render(table: Table) -> str:
    """Return a `tabular` with booktabs rules, in a `table` if it has a caption.

    Notes become comments above it.
    """
    above = ("needs \\usepackage{booktabs}", *table.notes)
    title = () if table.is_captioned else (table.title,)
    comments = [f"% {printable(line)}" for line in (*title, *above)]
    lines = [*_opening(table), *_tabular(table), *([r"\end{table}"] if table.is_captioned else [])]
    return "\n".join([*comments, *lines]) + "\n"


def _opening(table: Table) -> list[str]:
    if not table.is_captioned:
        return []
    label = re.sub(r"[^\w:.-]", "-", table.label)
    caption = rf"\caption{{{escape(table.title)}}}" + (rf"\label{{{label}}}" if label else "")
    return [r"\begin{table}", r"\centering", caption]


def _tabular(table: Table) -> list[str]:
    form = "".join("l" if column.is_text else "r" for column in table.columns)
    lines = [rf"\begin{{tabular}}{{{form}}}", r"\toprule"]
    lines += [_line([escape(column.title) for column in table.columns]), r"\midrule"]
    for row in table.rows:
        if row.role == "total" and len(table.rows) > 1:
            lines.append(r"\midrule")
        cells = [
            escape(full(cell, column))
            for cell, column in zip(row.cells, table.columns, strict=True)
        ]
        cells[0] = r"\quad " * row.depth + cells[0]
        lines.append(_line(cells))
    return [*lines, r"\bottomrule", r"\end{tabular}"]


def escape(text: str) -> str:
    """Return the text so that LaTeX prints it as it is, on one line."""
    escaped = "".join(_SPECIAL.get(letter, letter) for letter in printable(text))
    return re.sub("-(?=-)", "-{}", escaped)  # two would be a dash


def _line(cells: list[str]) -> str:
    text = " & ".join(cells) + r" \\"
    return "{}" + text if text[0] in "[*" else text  # these would belong to the line or rule above
