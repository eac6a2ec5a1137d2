"""Mutants: the source with one operator or number changed, which a test of its folder must notice.

    .venv/bin/python -m tests.mutation                 every target, and a sample of the rest
    .venv/bin/python -m tests.mutation model/ops       what is below these paths, whole
    .venv/bin/python -m tests.mutation --sample 50 --seed 1 render      some of it, or others
    .venv/bin/python -m tests.mutation --sample 500 --seed 1 rest       of all that is no target

What survives is killed by a new test, or named in `equivalent.txt` with the reason why no test can
notice it. What runs PyTorch or onnxruntime is left out: no test that is run by default holds it.
"""

import sys
from argparse import ArgumentParser
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

from tests.mutation.hunt import hunted
from tests.mutation.mutant import SOURCE, Mutant, mutants

TESTS = Path(__file__).parents[1]
EQUIVALENT = Path(__file__).with_name("equivalent.txt")
WHOLE = (
    "model/ops",
    "model/cost.py",
    "analysis/memory.py",
    "analysis/training.py",
    "analysis/report.py",
    "budget/decision.py",
)
"""What is mutated whole."""
NOT_RUN = (
    "readers/torch",
    "writers/onnx/runtime.py",
    "writers/pytorch/counter.py",
    "writers/pytorch/twin.py",
)
REST = "rest"
"""The word for all that is in none of these."""
SAMPLE, SEED = 500, 20261128
"""How many mutants of the rest are drawn, and which."""


def _files(path: str) -> list[Path]:
    place = SOURCE / path
    return sorted(place.rglob("*.py")) if place.is_dir() else [place]


def _place(path: str) -> str:
    """Return a path of the source as it is given, if there is something."""
    if not (SOURCE / path).exists():
        meant = f"{path}.py"
        hint = f" (did you mean {meant}?)" if (SOURCE / meant).exists() else ""
        sys.exit(f"{path}: error: no such file or folder of src/bncalc{hint}")
    return path


def _mutants(paths: Iterable[str]) -> list[Mutant]:
    return [mutant for path in paths for file in _files(path) for mutant in mutants(file)]


def _rest() -> list[Mutant]:
    without = {file for path in (*WHOLE, *NOT_RUN) for file in _files(path)}
    return [x for file in _files("") if file not in without for x in mutants(file)]


def _sample(rest: list[Mutant], size: int, seed: int) -> list[Mutant]:
    """Draw mutants by what they are: a line that is edited changes no other one's lot."""

    def lot(mutant: Mutant) -> str:
        return sha256(f"{seed} {mutant.key}".encode()).hexdigest()

    return sorted(rest, key=lot)[:size]


def _folder_of(file: Path) -> Path:
    """Return the folder of tests that has the name of a file's room; each reader is a room."""
    room, *inner = file.relative_to(SOURCE).parts
    folder = TESTS / room
    if room == "readers" and (folder / inner[0]).is_dir():
        return folder / inner[0]
    return folder if inner and folder.is_dir() else TESTS


def _tests_in(folder: Path) -> list[Path]:
    """Return the tests of a folder; of what commands say the transcripts are tests too."""
    if folder == TESTS:
        return sorted(TESTS.glob("test_*.py"))
    return [folder, TESTS / "test_golden.py"] if folder.name in ("cli", "render") else [folder]


def _survivors(chosen: list[Mutant]) -> set[Mutant]:
    """Run the tests of each folder on the mutants that are theirs."""
    by_folder: dict[Path, list[Mutant]] = {}
    for mutant in chosen:
        by_folder.setdefault(_folder_of(mutant.file), []).append(mutant)
    survivors: set[Mutant] = set()
    for folder, mutants_of in by_folder.items():
        name = folder.relative_to(TESTS.parent).as_posix()
        print(f"{name}: {len(mutants_of)} mutants", flush=True)
        lost = hunted(_tests_in(folder), mutants_of)
        print(f"{name}: {len(mutants_of) - len(lost)} of {len(mutants_of)} killed", flush=True)
        survivors.update(lost)
    return survivors


def _equivalent() -> tuple[set[str], list[str]]:
    """Return the changes that no test can notice, and what is named and is no change any more."""
    lines = EQUIVALENT.read_text(encoding="utf-8").splitlines()
    named = {line.partition("  # ")[0] for line in lines if not line.startswith("#")}
    files = {SOURCE / key.partition(" ")[0] for key in named}
    known = {mutant.key for file in files if file.exists() for mutant in mutants(file)}
    return named & known, sorted(named - known)


def _parts(paths: list[str], size: int | None, seed: int) -> dict[str, list[Mutant]]:
    """Return what is mutated, by the name of its share."""
    parts = {path: _rest() if path == REST else _mutants([_place(path)]) for path in paths or WHOLE}
    if size is not None:
        return {path: _sample(part, size, seed) for path, part in parts.items()}
    if not paths:
        parts["a sample of the rest"] = _sample(_rest(), SAMPLE, seed)
    return parts


def main(arguments: list[str]) -> int:
    """Print what survives and the shares; return 1 unless each survivor is named as equivalent.

    So it does where a name is of no use any more.
    """
    parser = ArgumentParser(prog="tests.mutation", description=__doc__)
    parser.add_argument("paths", nargs="*", help="files and folders below src/bncalc, or `rest`")
    parser.add_argument("--sample", type=int, help="how many mutants of each path are drawn")
    parser.add_argument("--seed", type=int, default=SEED, help="which are drawn")
    options = parser.parse_args(arguments)
    parts = _parts(options.paths, options.sample, options.seed)
    named, stale = _equivalent()
    chosen = [mutant for part in parts.values() for mutant in part if mutant.key not in named]
    survivors = _survivors(chosen)
    for name, part in parts.items():
        equivalent = sum(mutant.key in named for mutant in part)
        killed = len(part) - equivalent - sum(mutant in survivors for mutant in part)
        print(f"{name}: {killed} of {len(part)} killed, {equivalent} equivalent")
    for key in stale:
        print(f"{EQUIVALENT.name} names what is no change any more: {key}")
    return bool(survivors or stale)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
