"""A hunt: the collected tests of a folder run on mutants, each in a process of its own.

The tests are first run as they are, which tells how long each takes and what functions it enters. A
mutant is a fork in which the tests that reach it run, the quickest first, until one fails.
"""

import gc
import os
import resource
import signal
import sys
import threading
from collections.abc import Callable
from functools import _lru_cache_wrapper, partial
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType, FunctionType, TracebackType
from typing import NamedTuple, Self

import pytest
from tests.mutation.mutant import Mutant, Place, module_of, place_of

PATIENCE = 10
"""A test that takes so many times as long as without a mutant, and two seconds, never ends."""
MEMORY = 4 << 30
"""Bytes that a mutant may take of the machine."""


class _Test(NamedTuple):
    """A test, its seconds of work alone, and the functions that it entered."""

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
        places = _places(functions, {str(mutant.file) for mutant in self.chosen})
        tests = _reaching(session.items, places, forget)
        for number, mutant in enumerate(self.chosen):
            wanted = _wanted(mutant, places)
            chosen = sorted([x for x in tests if x.entered & wanted], key=lambda x: x.seconds)
            if not (chosen and _is_killed(mutant, functions, chosen)):
                self.survivors.append(mutant)
                _say(f"survives {len(chosen)} tests: {mutant}")
            if number % 50 == 49:
                _say(f"{number + 1} of {len(self.chosen)}, {len(self.survivors)} survive")
        return True


def _clear(caches: "list[_lru_cache_wrapper[object]]") -> None:
    for cache in caches:
        cache.cache_clear()


def _places(functions: list[FunctionType], files: set[str]) -> dict[tuple[str, Place], set[int]]:
    """Return the codes of the functions that are in these files, by file and place."""
    places: dict[tuple[str, Place], set[int]] = {}
    for code in [function.__code__ for function in functions]:
        if code.co_filename in files:
            places.setdefault((code.co_filename, place_of(code)), set()).add(id(code))
    return places


def _wanted(mutant: Mutant, places: dict[tuple[str, Place], set[int]]) -> set[int]:
    """Return the function that is changed; for a constant, all that are in its file."""
    file = str(mutant.file)
    if mutant.place is not None:
        return places.get((file, mutant.place), set())
    return {code for (path, _), codes in places.items() if path == file for code in codes}


def _reaching(
    items: list[pytest.Item],
    places: dict[tuple[str, Place], set[int]],
    forget: Callable[[], None],
) -> list[_Test]:
    """Run the tests as they are; return those that pass, with the functions that they enter."""
    codes = {code for codes in places.values() for code in codes}
    lines = _forked(partial(_trace, items, codes, forget)).decode().splitlines()
    tests = []
    for number, seconds, *entered in map(str.split, lines):
        item = items[int(number)]
        tests.append(_Test(item, float(seconds), frozenset(map(int, entered))))
    for item in set(items) - {test.item for test in tests}:
        _say(f"left out, as it fails without a mutant: {item.nodeid}")
    return tests


def _trace(
    items: list[pytest.Item], codes: set[int], forget: Callable[[], None], writing: int
) -> None:
    """Write a line for each test that passes: its number, its seconds and codes it entered.

    Nothing is left of one test when the next begins, or that would enter less than it does alone.
    """
    entered: set[int] = set()

    def note(frame: FrameType, _event: str, _argument: object) -> None:
        entered.add(id(frame.f_code))

    threading.settrace(note)
    for number, item in enumerate(items):
        forget()
        entered.clear()
        failed, before = item.session.testsfailed, sum(os.times()[:2])
        sys.settrace(note)
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
        sys.settrace(None)
        if item.session.testsfailed == failed:
            line = (number, sum(os.times()[:2]) - before, *entered & codes)
            os.write(writing, f"{' '.join(map(str, line))}\n".encode())


def _is_killed(mutant: Mutant, functions: list[FunctionType], tests: list[_Test]) -> bool:
    """Return whether a test fails or does not end; raise RuntimeError if there is no mutant."""

    def run(writing: int) -> None:
        mutant.apply(functions)
        os.write(writing, b"lives")
        for test in tests:
            signal.setitimer(signal.ITIMER_PROF, PATIENCE * test.seconds + 2)  # of its own work
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
        with _Silence():
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
            work(writing)
    os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        written = stream.read()
    os.waitpid(pid, 0)
    return written


class _Silence:
    """Ends the process when the work is done or has failed, and says nothing in it."""

    def __enter__(self) -> Self:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os.dup2(null, 2)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os._exit(0)


def _say(text: str) -> None:
    print(text, flush=True)


def hunted(tests: list[Path], chosen: list[Mutant]) -> list[Mutant]:
    """Return the mutants that no test of these files and folders notices."""
    hunt = Hunt(chosen)
    with TemporaryDirectory() as folder:  # emptied by each process that needs it
        options = ["-q", "-n", "0", "--capture=no", f"--basetemp={folder}/tests"]
        without = [f"-pno:{plugin}" for plugin in ("cacheprovider", "cov")]
        code = pytest.main([*options, *without, *map(str, tests)], plugins=[hunt])
    if code != 0:
        sys.exit(f"these tests could not be run: {', '.join(map(str, tests))}: {code!r}")
    return hunt.survivors
