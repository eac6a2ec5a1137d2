"""Cases: seeded inputs that are nearly right, of every kind that a user or a stranger may give.

    python -m tests.fuzz.cases SECONDS [SEED]

runs kinds in turn for so long and prints how many cases of each there were, and what went wrong.
A case goes wrong if anything but an answer or one of our errors comes of it, if it takes more than
five seconds, or if a character that a terminal would obey is written.
"""

import random
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from tests.fuzz.hostile import TEXTS, names, raw_in
from tests.program import ROOT, run

import bncalc
from bncalc.budget.reader import decode_budgets
from bncalc.errors import BncalcError, ExpressionError
from bncalc.language.parser import parse
from bncalc.language.source import read_bytes
from bncalc.wildcard import matches

HANGS = 5.0  # seconds of CPU; looked at in a long run alone: a test is not timed
_NUMBERS = ("0", "-1", "1e9", "999999999999", "0.5", "1e400", ".nan", "=1/0", "=2**99", "true", "~")


class Wrong(NamedTuple):
    """A case that went wrong: its kind, how, and the input."""

    kind: str
    how: str
    case: str


def texts(folder: str) -> list[str]:
    """Return the files of a folder of the repository that are seeds of files."""
    paths = sorted((ROOT / folder).glob("*.yaml"))
    return [path.read_text(encoding="utf-8") for path in paths]


SEEDS = [*texts("configs"), *texts("tests/bad"), *texts("tests/networks"), *texts("src/bncalc/zoo")]
SEEDS = sorted((seed for seed in SEEDS if len(seed) < 3000), key=len)
BUDGETS = [
    *texts("configs")[:1],
    "version: 1\nbudgets:\n  - {name: a, models: 'net/*.yaml', limits: {params: 4M, macs: 1G}}\n",
    "version: 1\nbase: {ref: main, missing: fail}\nassume: {batch: 2, dtype: int8}\nbudgets:\n"
    "  - {name: b, models: [a.yaml, '!b.yaml'], growth: {params: 1%}, level: warn, message: hi}\n",
]


def spoiled(rng: random.Random, text: str) -> str:
    """Return a file with a few of its tokens, lines or characters changed."""
    for _ in range(rng.randint(1, 4)):
        tokens = re.findall(r"\w+|\s+|[^\w\s]", text) or [""]
        at = rng.randrange(len(tokens))
        match rng.randrange(7):
            case 0:
                tokens[at] = rng.choice(_NUMBERS)
            case 1:
                tokens[at] = rng.choice(tokens)
            case 2:
                del tokens[at : at + rng.randint(1, 4)]
            case 3:
                tokens.insert(at, rng.choice((*TEXTS, *"{}[],:&*!|>%@`-?#'\"=")))
            case 4:
                tokens[at] = tokens[at] * rng.randint(2, 5)
            case 5:
                tokens[at:at] = tokens[: rng.randint(1, 30)]
            case _:
                tokens[at] = f"={expression(rng, 3)}"
        text = "".join(tokens)[:20_000]
    return text


def expression(rng: random.Random, depth: int) -> str:
    """Return an expression, or what may be taken for one."""
    if depth == 0 or rng.random() < 0.2:
        return rng.choice(
            (*_NUMBERS, "cin", "h", "i", "width", "x y", "(", "[1, 2]", "'a'", "lambda")
        )
    a, b = expression(rng, depth - 1), expression(rng, depth - 1)
    sign = rng.choice(("+", "-", "*", "/", "//", "%", "**", "<", "==", " if ", " and ", ",", "["))
    return rng.choice(
        (f"{a}{sign}{b}", f"max({a}, {b})", f"{a} if {b} else {a}", f"-({a})", f"{a}[{b}]")
    )


def files(rng: random.Random, folder: Path) -> str:
    """Load a spoiled network, as text or as bytes."""
    text = spoiled(rng, rng.choice(SEEDS))
    path = folder / f"net{rng.randrange(3)}.yaml"
    data = bytearray(text.encode("utf-8", "surrogatepass"))
    if rng.random() < 0.3 and data:
        for _ in range(rng.randint(1, 6)):
            data[rng.randrange(len(data))] = rng.randrange(256)
    path.write_bytes(data)
    for graph in bncalc.load(str(path)):
        bncalc.measure(graph)
    return data.decode("utf-8", "replace")


def expressions(rng: random.Random, folder: Path) -> str:
    """Evaluate an expression."""
    text = expression(rng, rng.randint(1, 6))
    with suppress(ExpressionError):
        parse(text).evaluate({"cin": 8, "h": 5, "i": 1, "width": 0.5})
    return text


def patterns(rng: random.Random, folder: Path) -> str:
    """Match a pattern."""
    pattern = "".join(rng.choice(("*", "**", "/", "a", "b", "?", "*a", "**/")) for _ in range(40))
    matches(pattern, "a" * rng.randint(1, 60) + "/b" * rng.randint(0, 20))
    return pattern


def budgets(rng: random.Random, folder: Path) -> str:
    """Read a spoiled budget file."""
    text = spoiled(rng, rng.choice(BUDGETS))
    decode_budgets(read_bytes(text.encode("utf-8", "surrogatepass"), "b.yaml"))
    return text


_WORDS = [
    "resnet18",
    "mlperf_tiny_ic",
    "net.yaml",
    "net.yaml#a@width=2",
    "-",
    "HEAD:x",
    "torch:os:system",
    "init",
    "parts",
    "--format",
    "json",
    "csv",
    "markdown",
    "latex",
    "--columns",
    "params,macs",
    "--input",
    "3,8,8",
    "--set",
    "width=2",
    "--batch",
    "2",
    "--dtype",
    "int8",
    "--top",
    "3",
    "--sort",
    "macs",
    "--as",
    "fvcore",
    "--device",
    "a100",
    "stm32f746",
    "--policy",
    "eager",
    "--depth",
    "--max",
    "params=1M",
    "--min",
    "--vary",
    "width=1:3",
    "--by",
    "--to",
    "yaml",
    "pytorch",
]
_COMMANDS = [
    "show",
    "compare",
    "block",
    "memory",
    "conventions",
    "diff",
    "check",
    "list",
    "plot",
    "fit",
    "formula",
    "sweep",
    "report",
    "export",
    "schema",
    "budget",
    "verify",
    "sensitivity",
]


def calls(rng: random.Random, folder: Path) -> str:
    """Run a command line; its exit code is 0, 1 or 2, and no internal error is told."""
    words = [rng.choice(_COMMANDS), *rng.choices((*_WORDS, *_NUMBERS, *TEXTS), k=rng.randint(0, 6))]
    words = [word.replace("\x00", "").replace("\ud800", "") for word in words]
    done = run(*words, text=rng.choice(SEEDS), COLUMNS=str(rng.choice((20, 80, 200))))
    said = done.stdout + done.stderr
    assert done.returncode in (0, 1, 2), done.returncode
    assert "internal error" not in said, said
    assert not (raw := raw_in(said)), raw
    assert not re.search(r"^::", said, re.MULTILINE), said
    return repr(words)


KINDS: dict[str, Callable[[random.Random, Path], str]] = {
    kind.__name__: kind for kind in (files, expressions, patterns, budgets, calls, names)
}


def tried(kind: str, seed: int, folder: Path) -> Wrong | None:
    """Try one case; return what went wrong."""
    rng, case = random.Random(f"{kind} {seed}"), f"seed {seed}"
    try:
        case = KINDS[kind](rng, folder)
    except BncalcError as error:
        raw = raw_in(str(error).replace("\n", ""))
        if raw:
            return Wrong(kind, f"raw characters {raw!r}", case)
    except Exception as error:
        return Wrong(kind, f"{type(error).__name__}: {error}"[:300], case)
    return None


def timed(kind: str, seed: int, folder: Path) -> Wrong | None:
    """Try one case that must not take long either."""
    began = time.process_time()
    wrong = tried(kind, seed, folder)
    took = time.process_time() - began
    return wrong or (Wrong(kind, f"took {took:.1f} s", f"seed {seed}") if took > HANGS else None)


def turns(seed: int) -> Iterator[tuple[str, int]]:
    """Return kinds with seeds, the quick ones more often."""
    while True:
        yield from [("calls", seed), ("names", seed)]
        for more in range(20):
            yield from [("files", 20 * seed + more), ("budgets", 20 * seed + more)]
        for more in range(100):
            yield from [("expressions", 100 * seed + more), ("patterns", 100 * seed + more)]
        seed += 1


def main(seconds: float, seed: int) -> int:
    """Try cases for so long; print the counts and what went wrong."""
    counts: Counter[str] = Counter()
    wrong: list[Wrong] = []
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        for kind, number in turns(seed):
            if time.monotonic() - began > seconds:
                break
            counts[kind] += 1
            if failed := timed(kind, number, Path(folder)):
                wrong.append(failed)
                print(f"{failed.kind} {number}: {failed.how}\n  {failed.case[:300]!r}", flush=True)
    print(dict(counts), f"{len(wrong)} went wrong")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0))
