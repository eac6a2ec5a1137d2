"""Values as people write them: shapes read, and values shown."""

import jsonschema_rs
import pytest
from tests.rows import each_of

import bncalc
from bncalc.model.field_types import Choice
from bncalc.model.fields import Following, describe, input_shape
from bncalc.model.registry import find
from bncalc.model.size_types import InputShape


@each_of(["3x8x9", "3,8,9", "3x8,9", "[3, 8, 9]"])
def test_a_shape_may_be_text(text: str) -> None:
    assert input_shape(text) == (3, 8, 9)


@each_of(
    [
        *("3xhx9", "[3,8,10", "10,8,9]", "[]", "3xx9", "3x8.5", ""),
        [],
        [3] * 5,
        "3x8x8x8x8",
        {3: 1},
        3,
    ]
)
def test_what_is_no_shape_is_refused(given: object) -> None:
    with pytest.raises(bncalc.UsageError, match="input is "):
        input_shape(given)


def test_the_schema_of_a_shape_allows_as_many_sizes_as_are_read() -> None:
    sizes = InputShape().schema()["anyOf"][0]
    assert (sizes["minItems"], sizes["maxItems"]) == (len(input_shape([3])), len([3, 8, 8, 8]))


def test_the_schema_of_what_follows_a_layer_takes_one_known_word_with_arguments() -> None:
    schema = Following(("elu", "prelu"), "", "{elu: {}}").schema()
    validator = jsonschema_rs.Draft202012Validator({"$defs": {"elu": {}, "prelu": {}}, **schema})
    valid = [{"elu": {}}, "elu", "none"]
    for value in (*valid, {}, {"relu": {}}, {"elu": {}, "prelu": {}}, "relu"):
        assert validator.is_valid(value) is (value in valid), value


def test_a_value_of_more_than_60_signs_is_cut() -> None:
    assert describe("a" * 58) == f"'{'a' * 58}'"
    assert describe("a" * 59) == f"'{'a' * 56}..."
    assert describe([1, True, None, "b"]) == "[1, true, null, 'b']"


def test_only_a_text_that_is_right_without_quotes_is_said_to_be_so() -> None:
    for name, text, message in (
        ("out", "64", "write 64 without quotes"),
        ("out", "wide", "it must be a whole number"),
        ("kernel", "3x5", r"write \[3, 5\]$"),
        ("kernel", "3x0", "it must be a whole number"),
        ("out", "3x3", "it must be a whole number"),
        ("bias", "yes", "write true$"),
        ("act", "no", "it must be one of|did you mean"),
    ):
        field = find("conv").field(name)
        assert field is not None
        with pytest.raises(ValueError, match=f"^{name} is '{text}'(; |.*){message}"):
            field.accept(text)


def test_a_kind_is_written_with_what_differs_from_its_defaults() -> None:
    assert str(find("prelu")()) == "prelu"
    assert str(find("prelu")(slopes="channel")) == "prelu {slopes: channel}"


def test_a_whole_float_is_that_number_and_a_fraction_is_none() -> None:
    assert find("conv")(out=8.0, stride=2.0) == find("conv")(out=8, stride=2)
    for fields in ({"out": 8.5}, {"out": 8, "stride": 1.5}, {"out": 0.0}, {"out": True}):
        with pytest.raises(bncalc.ShapeError, match="it must be a whole number"):
            find("conv")(**fields)


def test_of_more_than_twenty_words_the_rest_is_counted() -> None:
    words = tuple([f"w{number}" for number in range(21)])
    assert str(Choice(words[:20])) == f"one of {', '.join(words[:20])}"
    assert str(Choice(words)) == f"one of {', '.join(words[:20])} and 1 more"


def test_valid_is_no_padding_however_it_is_written() -> None:
    conv = find("conv")
    for word in ("valid", "VALID"):
        assert conv(out=8, padding=word) == conv(out=8, padding=0)
    with pytest.raises(bncalc.ShapeError, match="padding is 'full'"):
        conv(out=8, padding="full")


def test_a_number_too_large_for_a_count_stays_as_it_is() -> None:
    assert str(find("pad")(size=1, value=-3.4028235e38)) == "pad {value: -3.4028235e+38}"
    assert str(find("pad")(size=1, value=-2.0)) == "pad {value: -2}"


def test_arguments_of_a_norm_may_have_the_names_of_others() -> None:
    conv, norm = find("conv"), find("group_norm")(groups=4, eps=0.001)
    assert conv(out=8, norm={"group": {"num_groups": 4, "epsilon": 0.001}}) == conv(
        out=8, norm=norm
    )
    leaky = find("leaky_relu")(slope=0.1)
    assert conv(out=8, act={"leaky_relu": {"negative_slope": 0.1}}) == conv(out=8, act=leaky)
