"""Mending: the trials of fixes next to building and measuring the model anew each time.

python benchmarks/mending.py
"""

import gc
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bncalc.analysis.assumptions import STANDARD
from bncalc.analysis.measurement import measure
from bncalc.language.model import read_language
from bncalc.language.nodes import YamlNode
from bncalc.language.source import read_file
from bncalc.language.written_values import WrittenValue, with_value
from bncalc.mending.axis import candidates
from bncalc.mending.fixes import fixes
from bncalc.mending.trial import Ceiling, Trials
from bncalc.model.reading import Request

CONVS = "".join(f"  - conv: {{out: {64 + 8 * (k // 10)}}}\n" for k in range(90))
BLOCKS = "".join(
    f"  - inverted_residual: {{expand: 6, out: {24 + 8 * (k // 4)}, kernel: {3 + k % 2 * 2}}}\n"
    for k in range(30)
)
HEAD = "input: [3, 64, 64]\ndefaults: {norm: batch, act: relu}\nlayers:\n"
BOUND = Ceiling("macs <= 1G", lambda report: report.totals.macs, 10**9)
TAIL = "  - global_avg_pool\n  - linear: {out: 1000, bias: true}\n"


def best(job: Callable[[], object], times: int = 5) -> float:
    """Return the fewest seconds of CPU that a job takes."""
    seconds = []
    for _ in range(times):
        began = time.process_time()
        job()
        seconds.append(time.process_time() - began)
    return min(seconds)


def anew(request: Request, root: YamlNode, values: list[WrittenValue]) -> None:
    """Build and measure the model with each value edited, all of it each time."""
    for value in values:
        edited = with_value(root, value, doubled(value))
        design = read_language(request, {request.path: edited}.__getitem__)[0].designs[0]
        measure(design.graph)


def by_trials(request: Request, values: list[WrittenValue]) -> float:
    """Return the seconds of CPU that the same takes by trials."""
    trials = Trials(request, STANDARD, (BOUND,), read_file)
    began = time.process_time()
    for value in values:
        trials.of(value, doubled(value))
    return time.process_time() - began


def doubled(value: WrittenValue) -> int:
    assert isinstance(value.value, int)
    return value.value * 2


def compare(name: str, request: Request) -> None:
    root = read_file(request.path)
    values = [value for value in candidates(root, request) if value.name.endswith(".out")][:-1:10]
    whole = 1000 * best(lambda: anew(request, root, values)) / len(values)
    part = 1000 * min(by_trials(request, values) for _ in range(5)) / len(values)
    seconds = best(lambda: fixes(request, STANDARD, (BOUND,), read_file))
    print(f"{name}: anew {whole:.1f} ms, by a trial {part:.1f} ms, ÷{whole / part:.1f}; ", end="")
    print(f"fixes in {seconds:.2f} s of CPU")


def main() -> None:
    gc.disable()  # as the command line does
    with tempfile.TemporaryDirectory() as folder:
        for name, body in (("90 convolutions, 272 layers", CONVS), ("30 blocks, 264", BLOCKS)):
            path = Path(folder) / "net.yaml"
            path.write_text(HEAD + body + TAIL)
            compare(name, Request(str(path)))


if __name__ == "__main__":
    main()
