"""Lists of blocks, ops and what else there is: a row each, and one for each argument."""

from bncalc.model.registry import find
from bncalc.render.listing import kinds_view


def test_the_arguments_of_a_kind_are_below_it_with_what_they_are_unless_given() -> None:
    table = kinds_view("blocks", (find("max_pool"), find("conv")))
    rows = [(row.depth, row.role, row.cells[0].value, row.cells[1].value) for row in table.rows]
    assert rows[:5] == [
        (0, "part", "max_pool", None),
        (1, "layer", "kernel", "2"),
        (1, "layer", "stride", "optional"),
        (1, "layer", "dilation", "1"),
        (1, "layer", "padding", "the file's"),
    ]
    assert (1, "layer", "out", "required") in rows
    assert table.title == "2 blocks"
