"""Networks: the whole zoo in one process, ResNet-152 against its floor, and chains that grow.

python benchmarks/networks.py
"""

import gc
import statistics
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import bncalc
from bncalc.analysis.assumptions import DTYPES, Assumptions
from bncalc.analysis.measurement import ANALYSES
from bncalc.language.device import open_device
from bncalc.language.source import read
from bncalc.zoo import MODELS, file_of

RESNET152 = bncalc.load("resnet152")[0]
EVERYTHING = Assumptions(
    convention="fvcore", memory=2**35, device=open_device("a100", DTYPES), checkpoint=True
)


def median(action: Callable[[], object], repetitions: int = 7) -> float:
    times = []
    for _ in range(repetitions):
        began = time.process_time()  # of this process alone, whatever else the machine does
        action()
        times.append(time.process_time() - began)
    return statistics.median(times)


def whole_zoo() -> None:
    for name in MODELS:
        bncalc.measure(bncalc.load(name)[0])


def every_column() -> None:
    """Do what `show resnet152` with every column does, on a graph that is there."""
    bncalc.measure(RESNET152, EVERYTHING, ANALYSES)


def chain(layers: int, *, written_out: bool) -> None:
    entry = "  - conv: {out: 8}\n"
    body = entry * layers if written_out else f"  - {{conv: {{out: 8}}, repeat: {layers}}}\n"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "chain.yaml"
        path.write_text(f"input: [8, 16, 16]\nlayers:\n{body}", encoding="utf-8")
        bncalc.measure(bncalc.network(path))


def main() -> None:
    gc.disable()  # as the command line does
    print(f"zoo: {len(MODELS)} networks in {median(whole_zoo, 3):.2f} s")
    text = Path(file_of("resnet152")).read_text(encoding="utf-8")
    floor = median(lambda: read(text, "resnet.yaml"))
    ours = median(lambda: bncalc.measure(bncalc.load("resnet152")[0]))
    times = f"{1000 * ours:.1f} ms, reading its YAML {1000 * floor:.1f} ms"
    print(f"resnet152: {times}, ratio {ours / floor:.1f}")
    plain = median(lambda: bncalc.measure(bncalc.load("resnet152")[0]), 15)
    added = median(every_column, 15) - median(lambda: bncalc.measure(RESNET152), 15)
    print(f"resnet152 with every column: {1 + added / plain:.2f} times the plain one (goal 2)")
    for written_out in (False, True):
        seconds, peaks = [], []
        for layers in (10_000, 100_000):
            began = time.perf_counter()
            chain(layers, written_out=written_out)
            seconds.append(time.perf_counter() - began)
            tracemalloc.start()
            chain(layers, written_out=written_out)
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
        how = "written out" if written_out else "repeated"
        grown = f"{seconds[1] / seconds[0]:.1f} × the time, {peaks[1] / peaks[0]:.1f} × the memory"
        print(f"chain {how}: 100,000 layers in {seconds[1]:.2f} s; of 10,000: {grown}")


if __name__ == "__main__":
    main()
