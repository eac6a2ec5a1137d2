"""Growth: the time of every command and format against the number of layers.

python benchmarks/growth.py [command ...]                  CPU time
python benchmarks/growth.py --instructions [command ...]   counted by valgrind, up to 30,000 layers

Each command runs in a process of its own. What a layer costs between two sizes is to stay what it
was between the two before: a slope of 1, within a fifth. Time of a busy machine does not show it;
instructions do, and show nothing of memory that lies further away. One run before those that count
leaves the bytecode of all that a command imports: without it the smallest size pays for compiling.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

SIZES = (1_000, 3_000, 10_000, 30_000)
MORE = (100_000, 300_000)
NET = """\
input: [8, 16, 16]
defaults: {{norm: batch, act: relu}}
layers:
  - {{basic: {{out: {width}}}, repeat: {blocks}}}
  - {{conv: {{out: {out}}}}}
"""
NETS = {"net": (8, 8), "other": (8, 16), "wide": (16, 8)}
"""The widths of the blocks of each net, and of its last layer."""
LAYERS_OF_A_BLOCK = 7
BUDGETS = """\
version: 1
budgets:
  - {name: whole, models: net.yaml, limits: {params: 10G, peak: 1 GiB}}
  - {name: each, models: net.yaml, scope: layer, limits: {macs: 10G}}
"""
BROKEN_BUDGETS = """\
version: 1
budgets:
  - {name: each, models: net.yaml, scope: layer, limits: {macs: 1}}
"""
BROKEN = ("check", "broken.yaml", "--exit-zero", "--no-fix")
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
    "memory json": ["memory", "net.yaml", "--format", "json"],
    "memory markdown": ["memory", "net.yaml", "--format", "markdown"],
    "memory csv": ["memory", "net.yaml", "--format", "csv"],
    "memory latex": ["memory", "net.yaml", "--format", "latex"],
    "memory, eager": ["memory", "net.yaml", "--policy", "eager"],
    "memory, microcontroller": ["memory", "net.yaml", "--device", "stm32f746"],
    "conventions": ["conventions", "net.yaml"],
    "conventions json": ["conventions", "net.yaml", "--format", "json"],
    "diff": ["diff", "other.yaml", "net.yaml"],
    "diff json": ["diff", "other.yaml", "net.yaml", "--format", "json"],
    "diff, every layer": ["diff", "wide.yaml", "net.yaml"],
    "diff json, every layer": ["diff", "wide.yaml", "net.yaml", "--format", "json"],
    "diff markdown, every layer": ["diff", "wide.yaml", "net.yaml", "--format", "markdown"],
    "check": ["check", "b.yaml"],
    "check json": ["check", "b.yaml", "--format", "json"],
    "check, broken": [*BROKEN],
    "check, broken, json": [*BROKEN, "--format", "json"],
    "check, broken, concise": [*BROKEN, "--format", "concise"],
    "check, broken, markdown": [*BROKEN, "--format", "markdown"],
    "check, broken, github": [*BROKEN, "--format", "github"],
    "check, broken, gitlab": [*BROKEN, "--format", "gitlab"],
    "check, broken, junit": [*BROKEN, "--format", "junit"],
    "check, broken, sarif": [*BROKEN, "--format", "sarif"],
    "report": ["report", "net.yaml", "--output", "page.html"],
    "report, two": ["report", "net.yaml", "--diff", "wide.yaml", "--output", "page.html"],
    "plot memory": ["plot", "memory", "net.yaml", "--output", "memory.svg"],
    "plot arena": [
        *("plot", "arena", "net.yaml", "--device", "stm32f746", "--output", "arena.svg")
    ],
    "plot time": ["plot", "time", "net.yaml", "--device", "a100", "--output", "time.svg"],
    "plot field": ["plot", "field", "net.yaml", "--output", "field.svg"],
    "plot parts": ["plot", "parts", "net.yaml", "--by", "macs", "--output", "parts.svg"],
    "sensitivity": ["sensitivity", "net.yaml"],
    "export yaml": ["export", "net.yaml", "--to", "yaml"],
    "export pytorch": ["export", "net.yaml", "--to", "pytorch"],
    "verify, two models": ["verify", "net.yaml", "net.yaml"],
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


ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
    "PYTHONHASHSEED": "0",
}
COUNTING = ("valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null")


def seconds(arguments: list[str], layers: int) -> float:
    """Return the CPU seconds of a command, the least of three times, its start left out."""
    return min(float(_said([], arguments, layers)[-1]) for _ in range(3))


def instructions(arguments: list[str], layers: int) -> float:
    """Return the instructions of a command, its start included."""
    said = _said(COUNTING, arguments, layers)
    counted = next(line for line in said if "I refs:" in line or "I   refs:" in line)
    return float(counted.split()[-1].replace(",", ""))


def _said(before: Sequence[str], arguments: list[str], layers: int) -> list[str]:
    """Run a command on nets of so many layers; return the lines of its standard error."""
    with tempfile.TemporaryDirectory() as folder:
        blocks = layers // LAYERS_OF_A_BLOCK
        for name, (width, out) in NETS.items():
            text = NET.format(blocks=blocks, width=width, out=out)
            (Path(folder) / f"{name}.yaml").write_text(text, encoding="utf-8")
        (Path(folder) / "b.yaml").write_text(BUDGETS, encoding="utf-8")
        (Path(folder) / "broken.yaml").write_text(BROKEN_BUDGETS, encoding="utf-8")
        done = subprocess.run(
            [*before, sys.executable, "-c", RUN, *arguments],
            cwd=folder,
            env=ENVIRONMENT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            check=False,
        )
    if done.returncode:
        sys.exit(done.stderr)
    return done.stderr.splitlines()


def main(*chosen: str) -> None:
    counted = "--instructions" in chosen
    names = [name for name in chosen if name != "--instructions"] or list(COMMANDS)
    for name in names:
        if counted:
            tell(name, SIZES, instructions, 1e-6, "million instructions")
        else:
            tell(name, (*SIZES, *(MORE if name in FURTHER else ())), seconds, 1, "s")


def tell(
    name: str,
    sizes: tuple[int, ...],
    cost: Callable[[list[str], int], float],
    factor: float,
    unit: str,
) -> None:
    """Print what a command costs at each size, what layers cost at the end, the worst slope."""
    _said([], COMMANDS[name], sizes[0])
    costs = [factor * cost(COMMANDS[name], size) for size in sizes]
    pairs = list(zip(sizes, costs, strict=True))
    each = [(b - a) / (more - less) for (less, a), (more, b) in pairwise(pairs)]
    slope = max(after / before for before, after in pairwise(each))
    told = ", ".join(f"{size:,}: {spent:.2f}" for size, spent in pairs)
    thousand = 1_000 * each[-1]
    print(f"{name}: {told} {unit}; {thousand:.3f} a thousand layers, slope {slope:.2f}", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
