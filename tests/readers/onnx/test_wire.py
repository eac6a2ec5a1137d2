"""The wire format: numbers, spans, and what is wrong with bytes that hold neither."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.readers.onnx.encoder import floating, number, span, varint
from tests.rows import each_of

from bncalc.readers.binary import Damaged
from bncalc.readers.onnx.wire import Wire, signed


def fields(data: bytes) -> list[tuple[int, int, int]]:
    return list(Wire(data).fields(0, len(data)))


@given(st.integers(-(2**63), 2**63 - 1))
def test_varint_stands_for_a_signed_number_of_64_bits(value):
    data = varint(value)
    read, end = Wire(data).varint(0, len(data))
    assert (signed(read), end) == (value, len(data))


def test_fields_are_numbers_or_spans_of_the_file():
    data = number(1, 300) + span(16, "abc") + floating(2, 1.5) + varint(3 << 3 | 1) + bytes(8)
    assert fields(data) == [(1, 300, -1), (16, 6, 9), (2, 10, 14), (3, 15, 23)]


def test_repeated_integers_come_one_by_one_or_packed():
    wire = Wire(varint(3) + varint(-1) + varint(400))
    assert wire.integers(0, 13) == [3, -1, 400]
    assert wire.integers(7, -1) == [7]


@each_of(
    [
        (b"\x0a", 1, "a number is cut off"),
        (b"\x0a\x05ab", 2, "a field of 5 bytes, and the file ends after 2"),
        (b"\x08", 1, "a number is cut off"),
        (b"\x08" + b"\xff" * 11, 11, "a number of more than ten bytes"),
        (b"\x0d\x00\x00", 1, "a number of 4 bytes, and its message has 2"),
        (b"\x09\x00\x00", 1, "a number of 8 bytes, and its message has 2"),
        (b"\x0b\x00", 0, "a field of unknown kind 3"),
    ],
)
def test_broken_field_says_where_and_why(data, at, message):
    with pytest.raises(Damaged) as caught:
        fields(data)
    assert (caught.value.at, caught.value.message) == (at, message)


def test_text_must_be_utf_8():
    data = span(1, b"ab\xffc")
    with pytest.raises(Damaged, match="byte 4: a text that is not UTF-8"):
        Wire(data).text(2, 6)


def test_number_is_no_text_and_text_no_number():
    wire = Wire(number(1, 5) + span(2, "a"))
    (_, value, end), (_, start, stop) = wire.fields(0, 5)
    with pytest.raises(Damaged, match="byte 1: a number where bytes must be"):
        wire.text(value, end)
    with pytest.raises(Damaged, match="byte 4: bytes where a number must be"):
        wire.integer(start, stop)
