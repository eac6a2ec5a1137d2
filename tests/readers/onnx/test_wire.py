"""The wire format: numbers, spans, and what is wrong with bytes that hold neither."""

from __future__ import annotations

import sys
from mmap import ACCESS_READ
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.readers.onnx.encoder import floating, graph, model, number, span, typed, varint
from tests.rows import each_of

from bncalc.readers.binary import Damaged
from bncalc.readers.onnx.proto import read_model
from bncalc.readers.onnx.wire import FileMap, Wire, signed


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
        (b"\x0a\x05ab", 2, "a field has 5 bytes, and the file ends after 2"),
        (b"\x08", 1, "a number is cut off"),
        (b"\x08" + b"\xff" * 11, 11, "a number has more than ten bytes"),
        (b"\x0d\x00\x00", 1, "a number has 4 bytes, and its message ends after 2"),
        (b"\x09\x00\x00", 1, "a number has 8 bytes, and its message ends after 2"),
        (b"\x0b\x00", 0, "a field is of the unknown kind 3"),
    ]
)
def test_broken_field_says_where_and_why(data, at, message):
    with pytest.raises(Damaged) as caught:
        fields(data)
    assert (caught.value.at, caught.value.message) == (at, message)


def test_text_must_be_utf_8():
    data = span(1, b"ab\xffc")
    with pytest.raises(Damaged, match="byte 4: a text is not UTF-8"):
        Wire(data).text(2, 6)


def test_number_is_no_text_and_text_no_number():
    wire = Wire(number(1, 5) + span(2, "a"))
    (_, value, end), (_, start, stop) = wire.fields(0, 5)
    with pytest.raises(Damaged, match="byte 1: a number is here, and bytes are expected"):
        wire.text(value, end)
    with pytest.raises(Damaged, match="byte 4: bytes are here, and a number is expected"):
        wire.integer(start, stop)


def test_map_of_a_file_lets_go_of_what_was_passed(tmp_path):
    data = mapped(tmp_path / "weights", bytes(range(256)) * 32 * 1024)  # 8 MiB
    looked_at = sum(data[:: 4 * 1024])
    for at, left in [(1, 8), (5, 0), (8, 8)]:
        data.passed(at * MIB)
        assert kept_of(tmp_path) in (left * MIB, UNKNOWN)
        assert sum(data[:: 4 * 1024]) == looked_at


def test_weights_that_were_passed_are_not_kept(tmp_path):
    weights = [typed(f"w{i}", (3 * MIB,), 3, bytes(3 * MIB)) for i in range(4)]
    data = mapped(tmp_path / "net.onnx", model(graph([], weights)))
    assert sum(data[:: 4 * 1024]) < len(data)  # all of it is mapped
    read_model(Wire(data))
    assert 0 <= kept_of(tmp_path) < 4 * MIB or kept_of(tmp_path) == UNKNOWN


MIB = 1024 * 1024
UNKNOWN = -1


def mapped(file: Path, content: bytes) -> FileMap:
    file.write_bytes(content)
    with file.open("rb") as opened:
        return FileMap(opened.fileno(), 0, access=ACCESS_READ)


def kept_of(folder: Path) -> int:
    """Return how many bytes of files in a folder are in this process's memory, if Linux says so."""
    if sys.platform != "linux":
        return UNKNOWN
    mappings = Path("/proc/self/smaps").read_text().split(str(folder))[1:]
    return sum(int(mapping.split("Rss:")[1].split()[0]) * 1024 for mapping in mappings)
