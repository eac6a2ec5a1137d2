"""Speed against other tools: a cold call of each on the same network, in turn.

python benchmarks/peers.py             onnx-tool on a ready file, which needs no torch
python benchmarks/peers.py --torch     tools of PyTorch too: a large install

CPU seconds of the whole process, as a user waits for it; the median of the rounds, and its ratio to
bncalc on the same input. A program of Typer that does nothing is the least that a command takes.
The tools live in `.venv-peers`, which this makes.
"""

import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage

ROOT = Path(__file__).parents[1]
HOME = ROOT / ".venv-peers"
PYTHON = HOME / "bin/python"
ROUNDS = 15
READY = ("onnx-tool==1.0.1",)
WITH_TORCH = (
    "torch",
    "torchinfo==1.8.0",
    "fvcore==0.1.5.post20221221",
    "thop==0.1.1.post2209072238",
)
NETWORKS = {"a block": "configs/resnet256.yaml#bottleneck", "ResNet-50": "resnet50"}
OURS = (
    "from bncalc.cli.main import main\n"
    "sys.argv = ['bncalc', 'show', {path!r}, '-f', 'json']\n"
    "main()"
)
NOTHING = (
    "import typer\napp = typer.Typer(add_completion=False)\n@app.command()\n"
    "def nothing() -> None: ...\napp()"
)
TOOLS = {"onnx-tool": "import onnx_tool; onnx_tool.model_profile({onnx!r})"}
_TORCH = (
    "import torch\nfrom twin import {name} as Twin\nx, m = torch.zeros(1, {shape}), Twin().eval()\n"
)
TORCH_TOOLS = {
    "torchinfo": "import torchinfo; print(torchinfo.summary(m, input_data=x))",
    "fvcore": "from fvcore.nn import FlopCountAnalysis; print(FlopCountAnalysis(m, x).total())",
    "thop": "import thop; print(thop.profile(m, (x,)))",
    "FlopCounterMode": "from torch.utils.flop_counter import FlopCounterMode\n"
    "with FlopCounterMode(): m(x)",
}


def install(*packages: str) -> None:
    """Install into the environment of the peers, which is made if there is none."""
    if not PYTHON.exists():
        subprocess.run([sys.executable, "-m", "venv", HOME], check=True)
    subprocess.run(
        [PYTHON, "-m", "pip", "install", "--quiet", "-e", f"{ROOT}[onnx]", *packages], check=True
    )


def seconds(program: str, folder: str) -> float:
    """Return the CPU seconds of a process that runs a program, its start included."""
    before = getrusage(RUSAGE_CHILDREN)
    command: list[str | Path] = [PYTHON, "-c", f"import sys\n{program}"]
    subprocess.run(command, check=True, cwd=folder, stdout=subprocess.DEVNULL)
    after = getrusage(RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def written(model: str, form: str, file: Path) -> None:
    """Write a network with bncalc in a form that a peer reads."""
    name = str(ROOT / model) if "/" in model else model
    more = ["--seed", "1"] if form == "onnx" else []
    command: list[str | Path] = [
        PYTHON,
        "-m",
        "bncalc",
        "export",
        name,
        "--to",
        form,
        *more,
        "-o",
        file,
    ]
    subprocess.run(command, check=True)


def main(*options: str) -> None:
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # or each process compiles what it imports
    install(*READY, *(WITH_TORCH if "--torch" in options else ()))
    with tempfile.TemporaryDirectory() as folder:
        for title, model in NETWORKS.items():
            onnx = Path(folder) / "net.onnx"
            written(model, "onnx", onnx)
            name = str(ROOT / model) if "/" in model else model
            programs = {
                "nothing": NOTHING,
                "bncalc on YAML": OURS.format(path=name),
                "bncalc on ONNX": OURS.format(path=str(onnx)),
                **{tool: text.format(onnx=str(onnx)) for tool, text in TOOLS.items()},
            }
            if "--torch" in options:
                programs |= torch_programs(model, Path(folder))
            times: dict[str, list[float]] = {tool: [] for tool in programs}
            for _ in range(ROUNDS):
                for tool, program in programs.items():
                    times[tool].append(seconds(program, folder))
            ours = statistics.median(times["bncalc on ONNX"])
            for tool, measured in times.items():
                median = statistics.median(measured)
                print(f"{title:<10} {tool:<16} {1000 * median:7.0f} ms {median / ours:6.2f} ×")


def torch_programs(model: str, folder: Path) -> dict[str, str]:
    """Return what runs each tool of PyTorch on the module that bncalc writes for a network."""
    import bncalc

    graph = bncalc.load(str(ROOT / model) if "/" in model else model)[0]
    written(model, "pytorch", folder / "twin.py")
    last = [line for line in (folder / "twin.py").read_text().splitlines() if line[:6] == "class "]
    name = last[-1].split()[1].partition("(")[0]
    begin = _TORCH.format(name=name, shape=", ".join(map(str, graph.input)))
    return {tool: begin + text for tool, text in TORCH_TOOLS.items()}


if __name__ == "__main__":
    main(*sys.argv[1:])
