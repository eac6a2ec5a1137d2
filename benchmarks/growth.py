"""Growth: the time of every command and format against the number of layers.

python benchmarks/growth.py [command ...]

CPU time of the command in a process of its own, start-up taken off. What a layer costs between two
sizes is to stay what it was between the two before: a slope of 1, within a fifth.
"""

import subprocess
import sys
import tempfile
from itertools import pairwise
from pathlib import Path

SIZES = (1_000, 3_000, 10_000, 30_000)
MORE = (100_000, 300_000)
NET = """\
input: [8, 16, 16]
defaults: {{norm: batch, act: relu}}
layers:
  - {{basic: {{out: 8}}, repeat: {blocks}}}
  - {{conv: {{out: {out}}}}}
"""
LAYERS_OF_A_BLOCK = 7
BUDGETS = """\
version: 1
budgets:
  - {name: whole, models: net.yaml, limits: {params: 10G, peak: 1 GiB}}
  - {name: each, models: net.yaml, scope: layer, limits: {macs: 10G}}
"""
COMMANDS = {
    "show": ["show", "net.yaml"],
    "show markdown": ["show", "net.yaml", "--format", "markdown"],
    "show csv": ["show", "net.yaml", "--format", "csv"],
    "show json": ["show", "net.yaml", "--format", "json"],
    "show latex": ["show", "net.yaml", "--format", "latex"],
    "show, sorted": ["show", "net.yaml", "--sort", "macs", "--top", "10"],
    "show, every column": [
        *("show", "net.yaml", "--device", "a100", "--as", "fvcore"),
        *("--columns", "params,macs,peak,live,saved,flash,intensity,bound,wall,rf"),
    ],
    "compare": ["compare", "net.yaml", "other.yaml"],
    "compare json": ["compare", "net.yaml", "other.yaml", "--format", "json"],
    "memory": ["memory", "net.yaml"],
    "memory, eager": ["memory", "net.yaml", "--policy", "eager"],
    "conventions": ["conventions", "net.yaml"],
    "diff": ["diff", "other.yaml", "net.yaml"],
    "diff json": ["diff", "other.yaml", "net.yaml", "--format", "json"],
    "check": ["check", "b.yaml"],
    "check json": ["check", "b.yaml", "--format", "json"],
    "report": ["report", "net.yaml", "--output", "page.html"],
}
FURTHER = ("show json", "compare", "check")
"""These go to 300,000 layers."""
RUN = """
import sys, time
from bncalc.cli.main import main
sys.argv = ["bncalc", *sys.argv[1:]]
began = time.process_time()
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
finally:
    print(time.process_time() - began, file=sys.stderr)
"""


def seconds(arguments: list[str], layers: int) -> float:
    with tempfile.TemporaryDirectory() as folder:
        blocks = layers // LAYERS_OF_A_BLOCK
        for name, out in (("net", 8), ("other", 16)):
            text = NET.format(blocks=blocks, out=out)
            (Path(folder) / f"{name}.yaml").write_text(text, encoding="utf-8")
        (Path(folder) / "b.yaml").write_text(BUDGETS, encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-c", RUN, *arguments],
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            check=False,
        )
    if done.returncode:
        sys.exit(done.stderr)
    return float(done.stderr.splitlines()[-1])


def main(*chosen: str) -> None:
    for name in chosen or COMMANDS:
        sizes = (*SIZES, *(MORE if name in FURTHER else ()))
        times = [min(seconds(COMMANDS[name], size) for _ in range(3)) for size in sizes]
        steps = zip(sizes, sizes[1:], times, times[1:], strict=False)
        each = [(later - sooner) / (more - less) for less, more, sooner, later in steps]
        slopes = [after / before for before, after in pairwise(each)]
        told = ", ".join(
            f"{size:,}: {taken:.2f} s" for size, taken in zip(sizes, times, strict=True)
        )
        worst = max(slopes)
        print(f"{name}: {told}; {1e6 * each[-1]:.0f} µs a layer, slope {worst:.2f}", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
