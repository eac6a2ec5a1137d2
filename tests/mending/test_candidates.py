"""The order in which the values of a file are tried."""

from bncalc.errors import Location
from bncalc.language.source import read
from bncalc.language.written_values import written
from bncalc.mending.candidates import in_order


def test_what_was_changed_comes_first_then_what_costs_most_then_what_shapes() -> None:
    text = (
        "vars: {b: 2}\nlayers:\n- conv: {out: 7}\n- {conv: {out: 8}, repeat: 5}\n"
        "- conv: {out: 4, kernel: 3}\n- linear: {out: 9}\n"
    )
    values = {value.text: value for value in written(read(text, "f"))}
    shares = {Location("f", 4, 0): 0.5, values["4"].location: 0.75}
    kinds = in_order(values.values(), shares, {values["9"].location})
    assert [[value.text for value in kind] for kind in kinds] == [
        ["9"],
        ["2", "4", "8", "5", "7"],
        ["3"],
    ]
