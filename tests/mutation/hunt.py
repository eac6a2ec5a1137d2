"""A hunt: the collected tests of a folder run on mutants, each in a process of its own.

The tests are first run as they are, which tells how long each takes and what functions it enters. A
mutant is a fork in which the tests that reach it run, the quickest first, until one fails.
"""

import gc
import os
import resource
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import _lru_cache_wrapper, partial
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FunctionType
from typing import NamedTuple

import pytest
from tests.mutation.mutant import Mutant, mark, module_of

PATIENCE = 10
"""A test that takes so many times as long as without a mutant, and two seconds, never ends."""
WAIT = 120
"""So does one that waits for so many seconds, for a process that answers nothing say."""
MEMORY = 4 << 30
"""Bytes that a mutant may take of the machine."""


class _Test(NamedTuple):
    """A test, its seconds of work alone, and the targets of mutants that it entered."""

    item: pytest.Item
    seconds: float
    entered: frozenset[int]


class Hunt:
    """A plugin of pytest that runs the collected tests on each mutant."""

    def __init__(self, chosen: list[Mutant]) -> None:
        self.chosen = chosen
        self.survivors: list[Mutant] = []

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        for file in {mutant.file for mutant in self.chosen}:
            import_module(module_of(file))
        gc.unfreeze()  # what is frozen is in no list of objects
        caches = [x for x in gc.get_objects() if isinstance(x, _lru_cache_wrapper)]
        forget = partial(_clear, caches)
        forget()
        functions = [x for x in gc.get_objects() if isinstance(x, FunctionType)]
        gc.freeze()  # a fork copies no more of the memory than it must
        targets = {target: i for i, target in enumerate({x.target for x in self.chosen})}
        tests = _reaching(session.items, partial(_mark, functions, targets), forget)
        for number, mutant in enumerate(self.chosen):
            enters = {id(x) for x in tests if targets[mutant.target] in x.entered}
            reach = [x for x in tests if mutant.is_constant or id(x) in enters]
            reach.sort(key=lambda test: (id(test) not in enters, test.seconds))
            if not (reach and _is_killed(mutant, functions, reach)):
                self.survivors.append(mutant)
                _say(f"survives {len(reach)} tests: {mutant}")
            if number % 50 == 49:
                _say(f"{number + 1} of {len(self.chosen)}, {len(self.survivors)} survive")
        return True


def _clear(caches: "list[_lru_cache_wrapper[object]]") -> None:
    for cache in caches:
        cache.cache_clear()


def _mark(
    functions: list[FunctionType], targets: dict[tuple[Path, str], int], entered: set[int]
) -> None:
    """Make every function that is a target, or in a file that is, say when it is entered."""
    for file in {file for file, _ in targets}:

        def numbers(name: str, file: Path = file) -> set[int]:
            return {targets[key] for key in ((file, name), (file, "")) if key in targets}

        mark(file, functions, entered, numbers)


def _reaching(
    items: list[pytest.Item], marking: Callable[[set[int]], None], forget: Callable[[], None]
) -> list[_Test]:
    """Run the tests as they are; return those that pass, with the targets that they enter."""
    lines = _forked(partial(_watch, items, marking, forget)).decode().splitlines()
    tests = []
    for number, seconds, *entered in map(str.split, lines):
        item = items[int(number)]
        tests.append(_Test(item, float(seconds), frozenset(map(int, entered))))
    for item in set(items) - {test.item for test in tests}:
        _say(f"left out, as it fails without a mutant: {item.nodeid}")
    return tests


def _watch(
    items: list[pytest.Item],
    marking: Callable[[set[int]], None],
    forget: Callable[[], None],
    writing: int,
) -> None:
    """Write a line for each test that passes: its number, its seconds and what it entered.

    Nothing is left of one test when the next begins, or that would enter less than it does alone.
    """
    entered: set[int] = set()
    marking(entered)
    for number, item in enumerate(items):
        forget()
        entered.clear()
        failed, before = item.session.testsfailed, sum(os.times()[:2])
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
        if item.session.testsfailed == failed:
            line = (number, sum(os.times()[:2]) - before, *entered)
            os.write(writing, f"{' '.join(map(str, line))}\n".encode())


def _is_killed(mutant: Mutant, functions: list[FunctionType], tests: list[_Test]) -> bool:
    """Return whether a test fails or does not end; raise RuntimeError if there is no mutant."""

    def run(writing: int) -> None:
        mutant.apply(functions)
        os.write(writing, b"lives")
        for test in tests:
            signal.setitimer(signal.ITIMER_PROF, PATIENCE * test.seconds + 2)  # of its own work
            signal.setitimer(signal.ITIMER_REAL, WAIT)
            test.item.config.hook.pytest_runtest_protocol(item=test.item, nextitem=None)
            if test.item.session.testsfailed:
                return
        os.write(writing, b" on")

    written = _forked(run)
    if not written:
        raise RuntimeError(f"this change could not be made: {mutant}")
    return written != b"lives on"


def _forked(work: Callable[[int], None]) -> bytes:
    """Return what the work writes in a fork until it ends, however it does."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        with _silently():
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
            work(writing)
    os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        written = stream.read()
    os.waitpid(pid, 0)
    return written


@contextmanager
def _silently() -> Iterator[None]:
    """End the process when the work is done or has failed, and say nothing in it."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.dup2(null, 2)
    try:
        yield
    finally:
        os._exit(0)


def _say(text: str) -> None:
    print(text, flush=True)


def hunted(tests: list[Path], chosen: list[Mutant]) -> list[Mutant]:
    """Return the mutants that no test of these files and folders notices."""
    hunt = Hunt(chosen)
    sys.modules["__main__"].__package__ = None  # or bncalc would call itself `python -m tests…`
    with TemporaryDirectory() as folder:  # emptied by each process that needs it
        options = ["-q", "-n", "0", "--capture=no", f"--basetemp={folder}/tests"]
        without = [f"-pno:{plugin}" for plugin in ("cacheprovider", "slipcover")]
        code = pytest.main([*options, *without, *map(str, tests)], plugins=[hunt])
    if code != 0:
        sys.exit(f"these tests could not be run: {', '.join(map(str, tests))}: {code!r}")
    return hunt.survivors
