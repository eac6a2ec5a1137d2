"""Published figures: the comments of the model files that the package ultralytics carries.

Its files are looked for beside the package, whose code is neither imported nor read.
"""

import re
from collections.abc import Iterator
from fnmatch import fnmatch
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import pytest

import bncalc
from bncalc.analysis.conventions import CONVENTIONS, account

pytestmark = pytest.mark.frameworks

_FIGURES = re.compile(r"^ *(?:([a-z]): \[.*)?#.*?([\d,]+) parameters.*?([\d.]+) GFLOPs")
NOT_READ = {"YOLOEDetect", "YOLOESegment", "YOLOESegment26", "SemanticSegment", "C2fAttn"}
"""Modules without published facts of their structure."""


class Exceptional(NamedTuple):
    """What a file was published for, where it is not what the file says or we assume."""

    files: str
    reason: str
    params: str = ""
    gflops: str = ""
    times: int = 1
    convention: str = "thop"


EXCEPTIONS = (
    Exceptional("yolo11-cls.yaml", "params for 80 classes", "@nc=80", "@32", 49),
    Exceptional("yolo12-cls.yaml", "for 80 classes, at 640", "@nc=80", "@32@nc=80", 400),
    Exceptional("*-cls.yaml", "counted at 32×32, and by area", "", "@32", 49),
    Exceptional("*-p6.yaml", "GFLOPs at 640", "", "@640"),
    Exceptional("yolo26-obb.yaml", "GFLOPs at 1024", "", "@1024"),
    Exceptional(
        "yolo26-seg.yaml", "transposed convolutions by input", convention="ultralytics-thop"
    ),
)


def published() -> Iterator[tuple[str, int, str]]:
    """Return each row: the file with its scale, params and GFLOPs as printed."""
    spec = find_spec("ultralytics")
    if spec is None or not spec.submodule_search_locations:
        pytest.skip("no model files: pip install --no-deps ultralytics")
    models = Path(next(iter(spec.submodule_search_locations)), "cfg", "models")
    for path in sorted(models.glob("*/*.yaml")):
        text = path.read_text(encoding="utf-8")
        if any(f" {module}," in text for module in NOT_READ):
            continue
        for line in text.splitlines():
            if figures := _FIGURES.match(line):
                scale, params, gflops = figures.groups()
                yield f"{path}{'#' + scale if scale else ''}", int(params.replace(",", "")), gflops


def test_params_and_gflops_are_those_published() -> None:
    rows = list(published())
    assert len(rows) >= 122
    for name, params, gflops in rows:
        file = Path(name.partition("#")[0]).name
        usual = Exceptional(file, "")
        said = next((each for each in EXCEPTIONS if fnmatch(file, each.files)), usual)
        (built,) = bncalc.load(name + said.params)
        assert (name, bncalc.measure(built).totals.params) == (name, params)
        (run,) = bncalc.load(name + said.gflops)
        total = account(run, CONVENTIONS[said.convention]).total
        assert (name, f"{2 * said.times * total / 1e9:.1f}") == (name, gflops)
