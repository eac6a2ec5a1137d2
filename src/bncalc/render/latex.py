"""Tables in LaTeX, for the booktabs package."""

from __future__ import annotations

from bncalc.printable import printable
from bncalc.render.table import Table, full

_SPECIAL = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "×": r"$\times$",
    "·": r"$\cdot$",
    "→": r"$\rightarrow$",
    "−": "$-$",
    "–": "--",
    "<": r"\textless{}",
    "|": r"\textbar{}",
    ">": r"\textgreater{}",
    **{one: "\\" + one for one in "#$%&_{}"},
}


def render(table: Table) -> str:
    """Return a `tabular` with booktabs rules; notes become comments above it."""
    columns = list(enumerate(table.columns))
    form = "".join("l" if c.is_text else "r" for _, c in columns)
    above = (table.title, "needs \\usepackage{booktabs}", *table.notes)
    lines = [f"% {printable(line)}" for line in above]
    lines += [rf"\begin{{tabular}}{{{form}}}", r"\toprule"]
    lines += [_line([escape(column.title) for _, column in columns]), r"\midrule"]
    for row in table.rows:
        if row.role == "total" and row is table.rows[-1] and len(table.rows) > 1:
            lines.append(r"\midrule")
        indent = r"\quad " * row.depth
        cells = [escape(full(row.cells[i], column)) for i, column in columns]
        cells[0] = indent + cells[0]
        lines.append(_line(cells))
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}"]) + "\n"


def escape(text: str) -> str:
    """Return the text so that LaTeX prints it as it is, on one line."""
    return "".join(_SPECIAL.get(one, one) for one in printable(text))


def _line(cells: list[str]) -> str:
    return " & ".join(cells) + r" \\"
