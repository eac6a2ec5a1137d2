"""`bncalc block` with several values of a field: a table of widths."""

import csv
import io
from itertools import chain

import pytest
from tests.program import run
from tests.rows import each_of

from bncalc.cli.analyses import Judged, Trained
from bncalc.cli.block import command_of
from bncalc.cli.options import Asked, Shown
from bncalc.cli.sharing import options_of
from bncalc.model.registry import BLOCKS, find


def rows(*arguments: str) -> list[dict[str, str]]:
    done = run("block", *arguments, "-f", "csv")
    assert done.returncode == 0, done.stderr
    return list(csv.DictReader(io.StringIO(done.stdout)))


@each_of(["16,32,64", "16,64,32", "16:64:16", "16:64:48"])
def test_a_list_or_a_range_of_widths_is_a_table(widths: str) -> None:
    table = rows("--cin", "256", "--mid", widths)
    if "," in widths:
        mids = [int(text) for text in widths.split(",")]
    else:
        start, stop, step = map(int, widths.split(":"))
        mids = list(range(start, stop + 1, step))
    assert [row["name"] for row in table] == [f"bottleneck@mid={mid}" for mid in mids]
    assert [int(row["params"]) for row in table] == [2 * 256 * mid + 9 * mid * mid for mid in mids]
    first, last = (int(table[at]["params"]) for at in (0, -1))
    assert float(table[-1]["params_ratio"]) == last / first


def test_several_fields_vary_together() -> None:
    table = rows(
        "fire", "--cin", "64", "--squeeze", "8,16", "--expand1", "32,64", "--expand3", "64"
    )
    assert [row["name"] for row in table] == [
        f"fire@squeeze={squeeze}@expand1={expand}" for squeeze in (8, 16) for expand in (32, 64)
    ]


def test_a_range_of_one_is_that_one() -> None:
    single, plain = (rows("--cin", "256", "--mid", mid) for mid in ("16:16", "16"))
    assert single == plain


@pytest.mark.parametrize(("word", "default", "other"), [("c3", "yes", "no"), ("sppf", "no", "yes")])
def test_help_says_whether_a_flag_is_set_unless_given(word: str, default: str, other: str) -> None:
    said = " ".join(run("block", word, "--help").stdout.split())
    assert f"[default: {default}]" in said
    assert f"[default: {other}]" not in said


@pytest.mark.parametrize(
    ("digits", "says"),
    [
        (19, f"mid is {'9' * 19}; it must be at most 1,000,000,000"),
        (20, f"mid is '{'9' * 20}'; it must be a whole number"),
    ],
)
def test_a_number_of_very_many_digits_is_a_text(digits: int, says: str) -> None:
    done = run("block", "--cin", "64", "--mid", "9" * digits)
    assert done.returncode == 2
    assert says in done.stderr


def test_a_field_of_pairs_stays_a_pair() -> None:
    (layer, *_) = rows("plain", "--cin", "64", "--kernel", "3,1", "--columns", "kernel,params")
    assert (layer["kernel"], layer["params"]) == ("3×1", str(64 * 3 * 64))


@each_of(
    [
        ("64:16", "contains no value"),
        ("16:64:0", "contains no value"),
        ("16:a", "write FROM:TO:STEP"),
        ("16,x", "mid is 'x'"),
        ("1:1000000", "more than 1,000 values"),
    ]
)
def test_what_is_no_list_of_widths_is_refused(mid: str, message: str) -> None:
    done = run("block", "--cin", "64", "--mid", mid)
    assert done.returncode == 2
    assert message in done.stderr


def test_more_blocks_than_anyone_reads_are_refused() -> None:
    done = run("block", "--cin", "64", "--mid", "1:100", "--groups", "1:100")
    assert done.returncode == 2
    assert "these are 10,000 blocks; at most 1,000 can be shown" in done.stderr


@each_of(BLOCKS)
def test_no_field_of_a_kind_is_taken_for_an_option_of_all_commands(word: str) -> None:
    command = command_of(word)
    flags = [flag for option in command.params for flag in (*option.opts, *option.secondary_opts)]
    assert len(flags) == len(set(flags))
    options = options_of(Asked), options_of(Trained), options_of(Judged), options_of(Shown)
    shared = {option.name for option in chain(*options)}
    assert not shared & {field.name for field in find(word).fields}


def test_squeeze_excitation_takes_its_ratio() -> None:
    table = rows("squeeze_excitation", "--cin", "64", "--ratio", "8", "--columns", "params")
    assert table[-1]["params"] == str(64 * 8 + 8 + 8 * 64 + 64)


def test_a_kind_is_told_from_the_value_of_an_option() -> None:
    assert run("block", "--bias", "plain", "--cin", "3").stdout.startswith("plain: 3×56×56")
    labelled = run("block", "--cin", "256", "--caption", "fire", "--label", "ghost", "-f", "latex")
    assert r"\label{ghost}" in labelled.stdout


def test_an_op_is_no_block() -> None:
    done = run("block", "conv", "--cin", "64")
    assert (done.returncode, done.stdout) == (2, "")
    assert "'conv' is an op, not a block; 'plain' is a block of one convolution" in done.stderr


def test_a_narrow_screen_keeps_the_macs_and_gives_up_the_arithmetic_of_weights() -> None:
    shown = run("block", "attention", "--cin", "64", "--size", "14", COLUMNS="80").stdout
    assert "4,096 · 14·14 = 802,816" in shown
    assert "8,128,512" in shown  # nothing is rounded once there is room
    assert "columns without room: weights;" in shown
