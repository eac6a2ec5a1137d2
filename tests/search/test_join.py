"""Results of one's own are joined to designs; what is not used is said, what is wrong refused."""

from typing import Any

import pytest

from bncalc import space, sweep
from bncalc.errors import UsageError
from bncalc.render import csv
from bncalc.render.sweep import designs_view
from bncalc.search.join import joined
from bncalc.search.sweep import Sweep


@pytest.fixture(scope="module")
def swept() -> Sweep:
    vary: dict[str, Any] = {"width": [0.98, 0.99, 1.0], "size": [96, 128]}
    return sweep(space("mobilenet_v2", vary=vary, metrics=["macs"]))


TABLES = {
    "in any order": "size,width,accuracy\n96,0.98,51.2\n128,1.0,65.3\n",
    "numbers written otherwise": "size,width,accuracy\n96.0,.98,51.2\n 128 ,1,6.53e1\n",
    "with a mark of its encoding": "\ufeffsize,width,accuracy\n96,0.98,51.2\n128,1.0,65.3\n",
    "from Windows": "size,width,accuracy\r\n96,0.98,51.2\r\n128,1.0,65.3\r\n",
    "others not trained yet": "size,width,accuracy\n96,0.98,51.2\n96,1.0,\n128,1.0,65.3\n",
    "with a name": "size,width,run,accuracy\n96,0.98,a,51.2\n128,1.0,b,65.3\n",
}


@pytest.mark.parametrize("table", TABLES)
def test_results_are_joined_by_what_varies(table: str, swept: Sweep) -> None:
    answer, results = joined(swept, TABLES[table], "results.csv")
    designs = [(design["width"], design["size"]) for design in answer.designs()]
    assert dict(zip(designs, results["accuracy"].tolist(), strict=True)) == {
        (0.98, 96): 51.2,
        (1.0, 128): 65.3,
    }
    assert "2 of 6 designs have results in results.csv" in answer.remarks


def test_the_csv_of_a_sweep_takes_a_column_of_results(swept: Sweep) -> None:
    lines = csv.render(designs_view(swept, {}, "")).splitlines()
    written = [f"{lines[0]},accuracy", *[f"{line},{60 + at}" for at, line in enumerate(lines[1:])]]
    assert [line.split(",")[:3] for line in lines[1:]] == [
        *(["0.98", "96", "1"], ["0.98", "128", "1"], ["0.99", "96", "2"], ["0.99", "128", "2"])
    ]
    answer, results = joined(swept, "\n".join(written), "results.csv")
    assert list(results) == ["accuracy"]
    assert results["accuracy"].tolist() == [60, 61, 62, 63]
    assert answer.amounts["macs"].tolist() == swept.amounts["macs"].tolist()[:4]


def test_a_result_may_be_about_several_designs(swept: Sweep) -> None:
    answer, results = joined(swept, "width,loss\n0.98,1.5\n", "results.csv")
    assert answer.values["size"].tolist() == [96, 128]
    assert results["loss"].tolist() == [1.5, 1.5]


def test_what_is_not_used_is_said(swept: Sweep) -> None:
    table = "width,size,run,accuracy\n0.98,96,a,50\n7,96,b,60\n8,96,c,60\n"
    answer, _ = joined(swept, table, "results.csv")
    assert answer.remarks[1:] == (
        "2 rows are about no design of this sweep: results.csv:3, 4",
        "no column of results, and left out: run",
    )


def test_three_rows_about_no_design_are_named(swept: Sweep) -> None:
    table = "width,size,accuracy\n0.98,96,5\n" + "".join([f"7,{size},5\n" for size in range(4)])
    answer, _ = joined(swept, table, "results.csv")
    assert answer.remarks[1:] == (
        "4 rows are about no design of this sweep: results.csv:3, 4, 5 …",
    )


WRONG = {
    "width,size,accuracy\n1,96,5\n1.0,96,6\n": "results.csv:3: a second row about the design of",
    "width,size,accuracy\n1,96,5\n1,128,nan\n": "results.csv:3: accuracy is 'nan'; a result is a",
    "width,size,a,b\n1,96,5,6\n1,128,7\n": "results.csv:3: b is missing; a result is a number",
    "width,size\n1,96\n": "columns of what varies (width, size) and one of numbers",
    "width,size,a,a\n1,96,5,6\n": "results.csv:1: two columns are called 'a'",
    f"width,size,a\n1,96,{'9' * 200_000}\n": "results.csv:2: not CSV: field larger than field",
    "accuracy\n1\n": "columns of what varies (width, size) and one of numbers",
    "": "columns of what varies (width, size) and one of numbers",
    "width,size,accuracy\n7,96,5\n": "none of its rows is about a design of this sweep",
}  # fmt: skip


@pytest.mark.parametrize("table", WRONG)
def test_a_wrong_table_is_refused(table: str, swept: Sweep) -> None:
    with pytest.raises(UsageError) as refused:
        joined(swept, table, "results.csv")
    assert WRONG[table] in str(refused.value)
