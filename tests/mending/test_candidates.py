"""The order in which the values of a file are tried."""

from bncalc.errors import Location
from bncalc.language.source import read
from bncalc.language.written_values import written
from bncalc.mending.axis import candidates, in_order
from bncalc.model.reading import Request


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


def test_one_of_several_inputs_is_no_candidate() -> None:
    text = (
        "inputs: {a: [3, 8, 8], b: [3, 8, 8]}\nlayers: [concat: {from: [a, b]}, conv: {out: 7}]\n"
    )
    kept = candidates(read(text, "f"), Request("f"))
    assert [value.name for value in kept if value.literal] == ["conv.out"]


def test_what_a_call_sets_is_no_candidate() -> None:
    text = "vars: {a: 2, b: [3, 4], c: 5}\nlayers: [conv: {out: =a}]\n"
    request = Request("f", settings={"a": 7, "b": [8, 9]})
    names = [value.name for value in candidates(read(text, "f"), request)]
    assert [name for name in names if name.startswith("vars")] == ["vars.c"]
