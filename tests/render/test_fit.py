"""The answer of a fit: a table of the best design, the next and the one that is written."""

from pathlib import Path

import pytest
from tests.program import run

NET = """\
input: [3, 32, 32]
vars: {width: 32, depth: 2, acts: 1}
layers:
  - {conv: {out: =width, stride: 2}, id: stem}
  - {conv: {out: =width}, repeat: =depth}
  - {relu: , repeat: =acts}
  - global_avg_pool
  - linear: {out: 10}
"""
# Of width w and depth d: 27·w + 9·w²·d + 10·w params.
ANSWERS = {
    "width=-4:64:4 --max params=10k": [
        "net.yaml: largest width with params ≤ 10k",
        "      width           params       MACs",
        "fits  20               7,940  1,981,640",
        "next  24     11,256 (+1,256)  2,820,336",
        "now   32     19,616 (+9,616)  4,940,096",
        "tried 18 designs, 5 of them fit: width -4:64:4",
        "2 of 18 cannot be built, as width=-4: net.yaml:4:18: error: out is -4 (=width); "
        "it must be a whole number of at least 1",
        "batch 1, float32; bncalc 0.1.0",
    ],
    "width=8:16:8 --vary depth=1,2 --vary acts=0,1 --max params=8k --maximize params": [
        "net.yaml: most params with params ≤ 8k",
        "      width  depth  acts            params       MACs",
        "fits  16     2      1                5,200  1,290,400",
        "now   32     2      1     19,616 (+11,616)  4,940,096",
        "the same numbers as at width=16, depth=2, acts=1: width=16, depth=2, acts=0",
        "tried 8 designs, 8 of them fit: width 8:16:8; depth 1,2; acts 0,1",
        "batch 1, float32; bncalc 0.1.0",
    ],
    "acts=1:6 --max params=80k": [
        "net.yaml: largest acts with params ≤ 80k",
        "      acts  params       MACs",
        "fits  6     19,616  4,940,096",
        "now   1     19,616  4,940,096",
        "the same numbers as at acts=6: acts=1, acts=2, acts=3, acts=4 and 1 more",
        "tried 6 designs, 6 of them fit: acts 1:6",
        "batch 1, float32; bncalc 0.1.0",
    ],
    "width=8:64:8 --max params=1": [
        "net.yaml: largest width with params ≤ 1",
        "         width            params       MACs",
        "nearest  8        1,448 (+1,447)    350,288",
        "now      32     19,616 (+19,615)  4,940,096",
        "nothing fits; the nearest design misses its limits by the smallest share",
        "tried 8 designs, 0 of them fit: width 8:64:8",
        "batch 1, float32; bncalc 0.1.0",
    ],
    "width=8:32:8 --tie depth=width/8 --max params=20k --min macs=5M": [
        "net.yaml: largest width with params ≤ 20k, MACs ≥ 5M",
        "         width  params                  MACs",
        "nearest  24     16,440  4,147,440 (\u2212852,560)",
        "nothing fits; the nearest design misses its limits by the smallest share",
        "tried 4 designs, 0 of them fit: width 8:32:8",
        "batch 1, float32; bncalc 0.1.0",
    ],
    "width=8:24:8 --tie depth=width/8 --max params=20k": [
        "net.yaml: largest width with params ≤ 20k",
        "      width  params       MACs",
        "fits  24     16,440  4,147,440",
        "what fits has depth=3",
        "tried 3 designs, 3 of them fit: width 8:24:8",
        "batch 1, float32; bncalc 0.1.0",
    ],
}


@pytest.mark.parametrize("vary", ANSWERS)
def test_a_fit_says_what_fits_what_was_tried_and_what_cannot_be(
    vary: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("net.yaml").write_text(NET)
    lines = run("fit", "net.yaml", "--vary", *vary.split(), COLUMNS="200").stdout.splitlines()
    assert [line for line in lines if "──" not in line] == ANSWERS[vary]
