"""Budgets: many specs held to limits and growth against a base in git, next to reading them.

python benchmarks/budgets.py
"""

import gc
import os
import subprocess
import tempfile
import time
from pathlib import Path

from bncalc.budget.check import check
from bncalc.budget.reader import read_budgets
from bncalc.language.source import read_file

MODEL = """\
name: net{number}
input: [3, 224, 224]
defaults: {{norm: batch, act: relu}}
layers:
  - conv: {{out: 32, stride: 2}}
  - inverted_residual: {{expand: 1, out: 16}}
  - inverted_residual: {{expand: 6, out: 24}}
    repeat: 2
    first: {{stride: 2}}
  - inverted_residual: {{expand: 6, out: 64}}
    repeat: 4
    first: {{stride: 2}}
  - inverted_residual: {{expand: 6, out: {width}}}
    repeat: 3
    first: {{stride: 2}}
  - conv: {{out: {head}, kernel: 1}}
  - global_avg_pool
  - linear: {{out: 1000, bias: true}}
"""
BUDGETS = """\
version: 1
base: {ref: main}
budgets:
  - name: all
    models: models/*.yaml
    limits: {params: 10M, macs: 1G, peak: 64 MiB}
    growth: {params: 5%, macs: 20M}
  - name: no layer dominates
    models: models/*.yaml
    scope: layer
    limits: {macs: 60%}
"""


def write(folder: Path, count: int, head: int) -> None:
    (folder / "models").mkdir(exist_ok=True)
    for number in range(count):
        text = MODEL.format(number=number, width=96 + number % 64, head=head)
        (folder / f"models/net{number}.yaml").write_text(text)


def git(*arguments: str) -> None:
    settings = ("-c", "user.name=A", "-c", "user.email=a@example.org")
    subprocess.run(["git", *settings, *arguments], check=True, stdout=subprocess.DEVNULL)


def measured(count: int) -> tuple[float, float]:
    """Return the seconds of a check against a base, and of reading its files from both sides."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.chdir(folder)
        write(folder, count, 1280)
        (folder / "bncalc.budget.yaml").write_text(BUDGETS)
        git("init", "--quiet", "--initial-branch=main")
        git("add", "--all")
        git("commit", "--quiet", "--message", "the base")
        write(folder, count, 1290)
        began = time.perf_counter()
        for path in sorted((folder / "models").iterdir()) * 2:
            read_file(str(path))
        floor = time.perf_counter() - began
        began = time.perf_counter()
        verdict = check(read_budgets("bncalc.budget.yaml"))
        seconds = time.perf_counter() - began
        assert not verdict.failed
        assert verdict.count("pass") > 5 * count
        os.chdir("/")
        return seconds, floor


def main() -> None:
    gc.disable()  # as the command line does
    measured(25)
    times = {}
    for count in (250, 1000):
        seconds, floor = times[count] = measured(count)
        each, reading = (1000 * took / count for took in (seconds, floor))
        less = f"reading the YAML of both sides {reading:.1f} ms, ratio {seconds / floor:.1f}"
        print(f"{count} specs against a base: {seconds:.1f} s, {each:.1f} ms each; {less}")
    print(f"1,000 specs to 250: {times[1000][0] / times[250][0]:.1f} × the time")


if __name__ == "__main__":
    main()
