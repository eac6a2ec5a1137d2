"""Start-up: the main job against a program that imports what it imports and does nothing.

    python benchmarks/startup.py [repetitions]

The two run in turn, so that a busy machine slows both; the ratio of the medians counts.
"""

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
MAIN = str(ROOT / "configs/resnet256.yaml")
NOTHING = "import typer{more}\napp = typer.Typer(add_completion=False)\n@app.command()\n"
NOTHING += "def nothing() -> None: ...\napp()"
CASES = {
    # What draws tables with rich pays for it; we draw them ourselves, and the floor stays.
    "table": (["compare", MAIN], ", yaml, rich.table, rich.console", 1.25),
    "json": (["compare", MAIN, "--format", "json"], ", yaml, json", 1.22),
    "version": (["--version"], "", 1.25),
}


def seconds(command: list[str]) -> float:
    began = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began


def main(repetitions: int = 40) -> None:
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # or each process compiles what it imports
    for name, (arguments, more, goal) in CASES.items():
        ours = [sys.executable, "-c", "from bncalc.cli.main import main; main()", *arguments]
        floor = [sys.executable, "-c", NOTHING.format(more=more)]
        times: dict[str, list[float]] = {"ours": [], "floor": []}
        for _ in range(repetitions):
            times["floor"].append(seconds(floor))
            times["ours"].append(seconds(ours))
        ours_ms, floor_ms = (1000 * statistics.median(times[key]) for key in ("ours", "floor"))
        ratio = ours_ms / floor_ms
        print(f"{name}: {ours_ms:.0f} ms, floor {floor_ms:.0f} ms, ratio {ratio:.2f} (goal {goal})")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
