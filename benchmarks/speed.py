"""Speed against another commit: the same jobs run in turn on both, each in a process of its own.

python benchmarks/speed.py COMMIT [rounds] [job ...]

CPU seconds of the job alone, start-up left out: the least and the median of the rounds, and the
ratio of each. A shared core may run at half its speed for a second or two, so a few rounds tell
little.
"""

import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[1]

JOB = """
import gc, sys, time
gc.disable()
import bncalc
from bncalc.{measure_home} import measure
def load(name):
    return bncalc.load(name)[0]
{setup}
times = []
for _ in range({repetitions}):
    began = time.process_time()
    {action}
    times.append(time.process_time() - began)
print(sorted(times)[len(times) // 2])
"""
NET = "input: [8, 16, 16]\\nlayers:\\n"
JOBS = {
    "ResNet-152, graph to totals": ("graph = load('resnet152')", "measure(graph).totals", 25),
    "ResNet-50, text to totals": ("load('resnet50')", "measure(load('resnet50')).totals", 25),
    "ResNet-152, text to totals": ("load('resnet152')", "measure(load('resnet152')).totals", 15),
    "the zoo, text to totals": (
        "from bncalc.zoo import MODELS",
        "for name in MODELS: measure(load(name))",
        1,
    ),
    "100,000 layers of a repeated block, text to totals": (
        f"open('net.yaml', 'w').write('{NET}"
        "  - {bottleneck: {mid: 4, out: 8}, repeat: 25000}\\n')",
        "measure(load('net.yaml')).totals",
        1,
    ),
    "100,000 layers, one repeated, text to totals": (
        f"open('net.yaml', 'w').write('{NET}  - {{conv: {{out: 8}}, repeat: 100000}}\\n')",
        "measure(load('net.yaml')).totals",
        1,
    ),
    "show, 10,000 layers into a pipe": (
        f"open('net.yaml', 'w').write('{NET}  - {{conv: {{out: 8}}, repeat: 10000}}\\n')\n"
        "import os\n"
        "sys.argv = ['bncalc', 'show', 'net.yaml']\n"
        "from bncalc.cli.main import main\n"
        "def run():\n"
        "    kept, sys.stdout = sys.stdout, open(os.devnull, 'w')\n"
        "    try: main()\n"
        "    except SystemExit: pass\n"
        "    sys.stdout = kept",
        "run()",
        1,
    ),
    "check, 1,000 specs against their limits": (
        "import pathlib\n"
        "from bncalc.budget.check import check\n"
        "try: from bncalc.budget.reader import read_budgets\n"
        "except ImportError: from bncalc.budget.file import read_budgets\n"
        "pathlib.Path('models').mkdir(exist_ok=True)\n"
        "for n in range(1000):\n"
        "    pathlib.Path(f'models/{n}.yaml').write_text(f'''input: [3, 224, 224]\n"
        "defaults: {{norm: batch, act: relu}}\n"
        "layers:\n"
        "  - conv: {{out: 32, stride: 2}}\n"
        "  - inverted_residual: {{expand: 6, out: 24}}\n"
        "    repeat: 3\n"
        "    first: {{stride: 2}}\n"
        "  - inverted_residual: {{expand: 6, out: {64 + n % 64}}}\n"
        "    repeat: 4\n"
        "    first: {{stride: 2}}\n"
        "  - conv: {{out: 1280, kernel: 1}}\n"
        "  - global_avg_pool\n"
        "  - linear: {{out: 1000, bias: true}}\n"
        "''')\n"
        "pathlib.Path('b.yaml').write_text('version: 1\\nbudgets:\\n"
        '  - {name: a, models: "models/*.yaml", limits: {params: 10M, macs: 9G}}\\n\')',
        "check(read_budgets('b.yaml'))",
        1,
    ),
}
"""What is done once, what is timed, and how often in one process."""

FIGURES: dict[str, Callable[[list[float]], float]] = {"least": min, "median": statistics.median}


def seconds(source: Path, job: str) -> float:
    """Return what a job takes with the package in a folder."""
    setup, action, repetitions = JOBS[job]
    new = (source / "src/bncalc/analysis/measurement.py").exists()
    home = "analysis.measurement" if new else "analysis.report"
    code = JOB.format(setup=setup, action=action, repetitions=repetitions, measure_home=home)
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(source / "src")},
            stdout=subprocess.PIPE,
            encoding="utf-8",
            check=True,
        )
    return float(done.stdout)


def main(commit: str, rounds: int = 15, *jobs: str) -> None:
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # or a job compiles what it imports late
    with tempfile.TemporaryDirectory() as folder:
        other = Path(folder) / "other"
        subprocess.run(
            ["git", "worktree", "add", "--quiet", "--detach", str(other), commit],
            cwd=ROOT,
            check=True,
        )
        try:
            for job in [job for job in JOBS if not jobs or any(part in job for part in jobs)]:
                times: dict[Path, list[float]] = {other: [], ROOT: []}
                for _ in range(rounds):
                    for source, taken in times.items():
                        taken.append(seconds(source, job))
                for word, of in FIGURES.items():
                    then, now = (1000 * of(times[source]) for source in times)
                    told = f"{then:,.1f} ms, now {now:,.1f} ms, {then / now:.2f} × as fast"
                    print(f"{job}, {word}: {told}", flush=True)
        finally:
            subprocess.run(
                ["git", "worktree", "remove", "--force", str(other)], cwd=ROOT, check=True
            )


if __name__ == "__main__":
    commit, *rest = sys.argv[1:]
    main(commit, int(rest[0]) if rest else 15, *rest[1:])
