"""Searching: designs a second of sweeps, formulas, fits and fronts, each next to one at a time.

    python benchmarks/search.py                  all of it, in a few minutes
    python benchmarks/search.py --base CHECKOUT  one design as another checkout works it out
    python benchmarks/search.py --parts 10000000 so many RegNets to Parquet, by one and two workers

Times are CPU times of this process. A rate says little on a busy machine, a ratio to what ran in
turn with it does.
"""

import argparse
import compileall
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import typer
import yaml

import bncalc
from bncalc.analysis.assumptions import STANDARD
from bncalc.analysis.metric import METRICS
from bncalc.disk import DISK
from bncalc.mending.fixes import fixes
from bncalc.mending.trial import Ceiling
from bncalc.opening.model import NO_OVERRIDES, request_of
from bncalc.opening.name import parse
from bncalc.search.costing import Costing
from bncalc.search.formula import formula, witness_of
from bncalc.search.front import front
from bncalc.search.partition import all_at_once, columns_of
from bncalc.search.subject import subject_of
from bncalc.zoo import file_of

WORDS = ("params", "macs", "peak")
ONE = """\
import gc, time, bncalc
gc.disable()
bncalc.measure(bncalc.load({name!r})[0])
began = time.process_time()
for _ in range(10):
    bncalc.measure(bncalc.load({name!r})[0])
print((time.process_time() - began) / 10)
"""
IMPORT = """\
import time
began = time.process_time()
import numpy
print(time.process_time() - began)
"""
GENERATOR = np.random.default_rng(14)


def seconds(action: Callable[[], object], repetitions: int = 3) -> float:
    """Return the CPU time of an action, the median of several."""
    times = []
    for _ in range(repetitions):
        began = time.process_time()
        action()
        times.append(time.process_time() - began)
    return statistics.median(times)


def one_at_a_time(name: str, base: str | None) -> float:
    """Return the seconds of loading and measuring one design, here or in another checkout."""
    python = sys.executable if base is None else str(Path(base) / ".venv/bin/python")
    out = subprocess.run(
        [python, "-c", ONE.format(name=name)], capture_output=True, text=True, check=True
    )
    return float(out.stdout)


def networks(base: str | None) -> None:
    """Whole networks with params, MACs and peak: sweeps of 100,000 designs."""
    count = 100_000
    spaces: dict[str, dict[str, Any]] = {
        "mobilenet_v2": {"width": GENERATOR.uniform(0.1, 4.0, count)},
        "regnet_x_400mf": {
            **{f"widths[{i}]": 8 * GENERATOR.integers(2, 128, count) for i in range(4)},
            **{f"depths[{i}]": GENERATOR.integers(1, 16, count) for i in range(4)},
            "group": np.full(count, 8),
        },
    }
    for name, columns in spaces.items():
        costing = Costing(subject_of(name), STANDARD, [METRICS[word] for word in WORDS])
        each = one_at_a_time(name, base)
        spent = seconds(lambda c=costing, x=columns: all_at_once(c, x, len(WORDS)))  # type: ignore[misc]
        rate = count / spent
        varied = f"{len(columns)} values" if len(columns) > 1 else next(iter(columns))
        print(
            f"{name}, {varied}: {rate:,.0f} designs/s; one at a time {1 / each:,.1f}, "
            f"ratio {rate * each:,.0f}"
        )


def blocks() -> None:
    """One block of its own fields, params and MACs; and its closed form on arrays."""
    count = 200_000
    columns = {name: GENERATOR.integers(8, 1024, count) for name in ("cin", "mid")}
    costing = Costing(subject_of("bottleneck"), STANDARD, [METRICS["params"], METRICS["macs"]])
    spent = seconds(lambda: all_at_once(costing, columns, 2))
    print(f"bottleneck(cin, mid), params and MACs: {count / spent:,.0f} designs/s")
    cin, mid = columns["cin"], columns["mid"]

    def closed() -> object:
        params = mid * (2 * cin + 9 * mid)
        return params, params * 3136

    print(f"its closed form on arrays: {count / seconds(closed, 50):,.0f} designs/s")


def formulas() -> None:
    """The closed form of resnet50(width), after everything has been loaded."""
    costing = Costing(subject_of("resnet50"), STANDARD, [METRICS[word] for word in WORDS])
    witness = witness_of(costing, {"width": None})
    formula(costing, witness)
    print(f"formula of resnet50(width): {1000 * seconds(lambda: formula(costing, witness)):.0f} ms")


def fits() -> None:
    """A fit of one axis from a cold start, next to `--version`; it does not need numpy."""
    for module in (bncalc, typer, yaml):  # as an installer leaves them
        compileall.compile_dir(str(Path(str(module.__file__)).parent), quiet=1)
    code = "import sys; sys.modules['numpy'] = None; from bncalc.cli.main import main; main()"
    calls = (["--version"], ["fit", "mobilenet_v2", "--vary", "width", "--max", "macs=300M"])
    times: list[list[float]] = [[], []]
    for _ in range(9):
        for call, spent in zip(calls, times, strict=True):
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            command = [sys.executable, "-c", code, *call]
            subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            spent.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    version, fit = map(statistics.median, times)
    print(f"fit of 391 widths: {fit:.2f} s CPU, cold, where --version takes {version:.2f} s")


def fronts() -> None:
    """The front of 500,000 designs, at random and where every design is on it."""
    count = 500_000
    random = [GENERATOR.integers(0, 10**9, count) for _ in range(3)]
    corners = GENERATOR.dirichlet((1, 1, 1), count)
    simplex = [(corners[:, i] * 10**9).astype(np.int64) for i in range(3)]
    for what, columns in (
        ("two metrics", random[:2]),
        ("three metrics", random),
        ("three metrics, all on the front", simplex),
    ):
        spent = seconds(lambda c=columns: front(c, [False] * len(c)))  # type: ignore[misc]
        print(f"front of 500,000 designs, {what}: {spent:.2f} s")


def mending() -> None:
    """All trials that mend a broken budget, next to one axis of it at once on lanes.

    The edits of a failing check are found by some twenty trials of all values together. On lanes a
    single axis would have to cost less than the few trials that it takes now, numpy's import
    included, if a failing check is never to be slower.
    """
    imported = float(subprocess.check_output([sys.executable, "-c", IMPORT]))
    print(f"import numpy: {1000 * imported:.0f} ms")
    for name, variable in (("resnet50", "width"), ("mobilenet_v2", "width")):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "net.yaml"
            path.write_text(Path(file_of(name)).read_text("utf-8"), "utf-8")
            model = f"{path}#{name}" if name == "resnet50" else str(path)
            params = bncalc.measure(bncalc.network(model)).totals.params
            bound = Ceiling("", lambda report: report.totals.params, int(0.9 * params))
            request = request_of(parse(model), NO_OVERRIDES, DISK)
            trials = seconds(lambda r=request, b=bound: fixes(r, STANDARD, (b,)))  # type: ignore[misc]
            costing = Costing(subject_of(model), STANDARD, [METRICS["params"]])
            now = costing.subject.now[variable]
            values = range(1, 64) if now == 64 else [place / 100 for place in range(1, 100)]
            columns = columns_of([{variable: value} for value in values])
            lanes = seconds(lambda c=costing, x=columns: all_at_once(c, x, 1))  # type: ignore[misc]
        print(
            f"mending {name}, all trials: {1000 * trials:.0f} ms; one axis of {len(values)} "
            f"values on lanes: {1000 * lanes:.0f} ms, ratio with the import "
            f"{(lanes + imported) / trials:.2f}"
        )


REGNETS = """\
model: regnet_x_400mf@group=8
vary:
  widths[0]: {from: 16, to: 512, by: 8}
  widths[1]: {from: 16, to: 1024, by: 8}
  widths[2]: {from: 16, to: 1536, by: 8}
  widths[3]: {from: 16, to: 2048, by: 8}
  depths[0]: {from: 1, to: 8}
  depths[1]: {from: 1, to: 12}
  depths[2]: {from: 1, to: 24}
  depths[3]: {from: 1, to: 12}
"""


def parts(count: int) -> None:
    """Write random RegNets to Parquet, by one worker and by two; CPU of all processes."""
    with tempfile.TemporaryDirectory() as name:
        space = Path(name) / "regnets.yaml"
        space.write_text(REGNETS)
        spent = {}
        for workers in (1, 2):
            folder = Path(name) / f"by{workers}"
            command = [sys.executable, "-m", "bncalc", "sweep", str(space), "--seed", "1"]
            command += ["--sample", str(count), "--parts", str(folder), "--workers", str(workers)]
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            began = time.perf_counter()
            subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
            wall = time.perf_counter() - began
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            spent[workers] = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            size = sum(path.stat().st_size for path in folder.glob("*.parquet"))
            print(
                f"{count:,} RegNets to Parquet, {workers} worker(s): {spent[workers]:.0f} s CPU, "
                f"{wall:.0f} s wall, {size / count:.1f} bytes a design, "
                f"at most {after.ru_maxrss / 1024:,.0f} MiB in a process"
            )
        print(f"CPU of two workers to one: {spent[2] / spent[1]:.2f}")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--base")
    parser.add_argument("--parts", type=int)
    asked = parser.parse_args()
    if asked.parts:
        parts(asked.parts)
        return
    assert bncalc.__version__
    networks(asked.base)
    blocks()
    formulas()
    fits()
    fronts()
    mending()


if __name__ == "__main__":
    main()
