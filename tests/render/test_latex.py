"""LaTeX prints every letter that it would take for a command as that letter."""

from tests.rows import each_of

from bncalc.model.registry import WORDS, find
from bncalc.render.latex import escape, render
from bncalc.render.table import Cell, Column, Row, Table


@each_of(
    [
        ("a^b", r"a\textasciicircum{}b"),  # \^b would be an accent on the b
        ("a~b", r"a\textasciitilde{}b"),
        ("a\\b", r"a\textbackslash{}b"),
        ("50% of x_1 & #2", r"50\% of x\_1 \& \#2"),
        ("{$}", r"\{\$\}"),
        ("a--b–c", r"a-{}-b\textendash{}c"),
        ("<a|b>", r"\textless{}a\textbar{}b\textgreater{}"),
        ("3×3 → ÷2", r"3$\times$3 $\rightarrow$ $\div$2"),
    ]
)
def test_what_latex_would_take_for_a_command_is_escaped(text: str, written: str) -> None:
    assert escape(text) == written


def test_latex_knows_each_sign_that_an_op_or_a_block_is_described_with() -> None:
    described = "".join([find(word).__doc__ or "" for word in WORDS])
    unknown = {sign for sign in escape(described) if ord(sign) > 0xFF}  # it knows Latin-1 itself
    assert unknown == set()


@each_of([1, 2, 3])
def test_a_rule_is_drawn_above_totals_that_have_rows_to_sum_up(count: int) -> None:
    rows = [Row((Cell(at),), role="total" if at == count - 1 else "layer") for at in range(count)]
    lines = render(Table("", (Column("n", "n"),), tuple(rows))).splitlines()
    rules = [lines[at - 1] for at, line in enumerate(lines) if line == f"{count - 1} \\\\"]
    assert rules == [r"\midrule"]
    assert lines.count(r"\midrule") == (1 if count == 1 else 2)


@each_of(["[8, 4]", "*"])
def test_the_first_text_of_a_line_is_not_taken_for_an_option_of_the_rule_above(text: str) -> None:
    columns = (Column("sr", "sr", holds="name"),)
    assert f"\\midrule\n{{}}{text} \\\\\n" in render(Table("", columns, (Row((Cell(text),)),)))
