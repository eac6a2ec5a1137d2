"""No table is wider than its screen, and no number is broken or loses digits in silence."""

import io
from itertools import product

import pytest
from tests.rows import each_of

from bncalc.render import terminal
from bncalc.render.breadth import breadth
from bncalc.render.fitting import fitted
from bncalc.render.table import Cell, Column, Row, Table

COLUMNS = (
    Column("path", "layer", "name"),
    Column("params", "params"),
    Column("macs", "MACs"),
    Column("cause", "because", "text"),
    Column("peak", "peak activations", "bytes"),
)
ROW = Row(
    (
        Cell("backbone/stage3/0/conv2"),
        Cell(590_336, 0.5),
        Cell(1_849_688_064, 1.5),
        Cell("out 256 → 512, kernel 3 → 5×5"),
        Cell(6_422_528),
    )
)
TABLE = Table("a title of some length", COLUMNS, (ROW,), ("a note of some length as well",))


def shown(table: Table, width: int | None, *, exact: bool = False) -> str:
    return terminal.draw(table, terminal.Screen(width), exact=exact)


@each_of(product(range(17, 120), [False, True]))
def test_no_line_is_wider_than_the_screen(width: int, exact: bool) -> None:
    lines = shown(TABLE, width, exact=exact).splitlines()
    assert max(map(breadth, lines)) <= width


def test_a_pipe_has_all_the_room_it_wants() -> None:
    table = TABLE._replace(rows=(ROW._replace(cells=(Cell("a/" * 300), *ROW.cells[1:])),))
    assert "a/" * 300 + "  590,336 (÷2.00)" in shown(table, None)


def test_a_table_fits_a_screen_of_its_width_and_none_narrower(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    width = max(map(breadth, shown(TABLE._replace(title="", notes=()), None).splitlines()))
    for columns, answer in ((width - 1, False), (width, True)):
        monkeypatch.setenv("COLUMNS", str(columns))
        assert terminal.fits(TABLE, io.StringIO()) == answer


@each_of([("99999", 99_999), ("100000", None), ("", None), ("wide", None), ("0", None)])
def test_the_width_that_is_set_is_a_number_of_at_most_five_digits(
    columns: str, width: int | None
) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("COLUMNS", columns)
        assert terminal.screen_of(io.StringIO()).width == width


def test_large_numbers_that_fell_are_rounded_too() -> None:
    columns = (COLUMNS[0], Column("change", "change", "change"))
    table = Table("t", columns, (Row((Cell("a_name_of_16_cell"), Cell(-1_849_688_064))),))
    assert "−1.85 G" in shown(table, 26)
    assert "−1,849,688,064" in shown(table, 40)


def test_a_table_that_fits_is_unchanged() -> None:
    whole = shown(TABLE, None)
    assert shown(TABLE, max(map(breadth, whole.splitlines()))) == whole


def test_names_are_cut_before_numbers_are_rounded() -> None:
    cut = shown(TABLE, 72)
    assert "…/stage3/0/conv2 " in cut
    assert "1,849,688,064" in cut
    rounded = shown(TABLE, 66)
    assert "1.85 G" in rounded
    assert "--exact shows every digit" in " ".join(rounded.split())
    assert "590,336" in rounded


def test_columns_are_left_out_from_the_right_and_named() -> None:
    narrow = shown(TABLE, 45, exact=True)
    assert "1,849,688,064" in narrow
    assert "columns without room: because, peak activations" in " ".join(narrow.split())


def test_the_first_column_stays_however_narrow_the_screen() -> None:
    assert fitted(TABLE, 5).table.columns == COLUMNS[:1]


def test_columns_that_can_be_spared_are_left_out_first() -> None:
    narrow = shown(TABLE._replace(spare=("params", "cause")), 66, exact=True)
    assert "columns without room: params;" in " ".join(narrow.split())
    assert "peak" in narrow


def test_texts_fold_at_words_before_names_are_cut() -> None:
    folded = shown(TABLE, 84)
    assert "backbone/stage3/0/conv2" in folded
    assert "512," in folded


def test_headings_stand_across_the_columns() -> None:
    heading = Row((Cell("models/mobile/mbv2_x1.yaml: a heading that is folded"),), role="heading")
    lines = shown(TABLE._replace(rows=(heading, ROW)), 40).splitlines()
    assert "models/mobile/mbv2_x1.yaml: a heading" in lines


def test_wide_letters_keep_the_columns_in_line() -> None:
    rows = (Row((Cell("卷积"), Cell(1))), Row((Cell("conv"), Cell(2))))
    *_, first, second = shown(Table("", COLUMNS[:2], rows), None).splitlines()
    assert breadth(first) == breadth(second)


def test_colour_is_for_a_terminal_that_has_some(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert terminal.screen_of(Terminal()).has_colours
    assert not terminal.screen_of(io.StringIO()).has_colours
    coloured = terminal.draw(TABLE, terminal.Screen(None, has_colours=True))
    assert "590,336\x1b[32m (÷2.00)\x1b[0m" in coloured
    for name, value in (("NO_COLOR", "1"), ("TERM", "dumb")):
        with monkeypatch.context() as patch:
            patch.setenv(name, value)
            assert not terminal.screen_of(Terminal()).has_colours


@pytest.mark.parametrize(("columns", "width"), [("40", 40), ("", None), ("x", None), ("0", None)])
def test_columns_is_the_width_of_a_pipe(
    columns: str, width: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    assert terminal.screen_of(io.StringIO()).width == width
