"""Mutants: the source with one operator or number changed, which a test of its folder must notice.

    .venv/bin/python tests/mutants.py                 every target, and a sample of the rest
    .venv/bin/python tests/mutants.py model/ops       what is below one path

The tests of a folder are collected once. Each mutant is a fork of that process in which the code of
one function is replaced, and which stops at the first test that fails; the test that noticed a
mutant comes first for the next. What survives is killed by a new test, or named in
`equivalent_mutants.txt` with the reason why no test can notice it.
"""

import ast
import gc
import importlib
import os
import random
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import _lru_cache_wrapper, partial
from pathlib import Path
from types import CodeType, FunctionType, TracebackType
from typing import NamedTuple, Self

import pytest

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "bncalc"
EQUIVALENT = Path(__file__).with_name("equivalent_mutants.txt")
WHOLE = (
    "model/ops",
    "model/cost.py",
    "analysis/memory.py",
    "analysis/training.py",
    "analysis/report.py",
    "budget/decision.py",
)
"""What is mutated whole; the tests are those of the first folder's name."""
SAMPLED = ("analysis", "budget", "change", "language", "mending", "model", "render", "search")
"""Folders of which a sample is mutated."""
SAMPLE, SEED = 63, 20261128
PATIENCE = 10
"""A mutant that takes so many times as long as the tests do, and a minute, never ends."""

_SWAPS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.Div: ast.Mult,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.And: ast.Or,
    ast.Or: ast.And,
}


class Mutant(NamedTuple):
    """One change: where it is, what it changes to what, and the code of the whole module."""

    file: str
    function: str
    line: int
    change: str
    code: CodeType

    @property
    def key(self) -> str:
        """The change without its line, which moves."""
        return f"{self.file} {self.function}: {self.change}"


def mutants(path: Path) -> Iterator[Mutant]:
    """Yield every mutant of the functions of a file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    file = path.relative_to(SOURCE).as_posix()
    for name, function in _functions(tree, ""):
        for node in _nodes(function.body):
            for parent, field, value in _changes(node):
                old, was = getattr(parent, field), ast.unparse(node)
                setattr(parent, field, value)
                change = f"{was} → {ast.unparse(node)}"
                yield Mutant(file, name, node.lineno, change, compile(tree, str(path), "exec"))
                setattr(parent, field, old)


def _functions(node: ast.AST, prefix: str) -> Iterator[tuple[str, ast.FunctionDef]]:
    """Yield the functions and methods of a module; a function within one is a part of it."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef):
            yield prefix + child.name, child
        elif isinstance(child, ast.ClassDef):
            yield from _functions(child, f"{prefix}{child.name}.")


def _nodes(body: Iterable[ast.AST]) -> Iterator[ast.expr | ast.stmt]:
    """Yield what computes: no annotations, no assertions, and nothing that makes a message."""
    for node in body:
        if isinstance(node, ast.Raise | ast.Assert | ast.JoinedStr):
            continue
        if isinstance(node, ast.expr | ast.stmt):
            yield node
        hidden = {"annotation", "returns", "type_comment"}
        for name, value in ast.iter_fields(node):
            if name not in hidden:
                children = value if isinstance(value, list) else [value]
                yield from _nodes([child for child in children if isinstance(child, ast.AST)])


def _changes(node: ast.expr | ast.stmt) -> Iterator[tuple[ast.AST, str, object]]:
    """Yield what can be changed at a node: whose field, which, and to what."""
    match node:
        case ast.BinOp(op=op) | ast.AugAssign(op=op) | ast.BoolOp(op=op) if type(op) in _SWAPS:
            yield node, "op", _SWAPS[type(op)]()
        case ast.Compare(ops=[op]):
            yield node, "ops", [_SWAPS[type(op)]()]
        case ast.UnaryOp(op=ast.USub()):
            yield node, "op", ast.UAdd()
        case ast.If(test=test) | ast.IfExp(test=test) | ast.While(test=test):
            if not isinstance(test, ast.Compare | ast.BoolOp):
                yield node, "test", _negated(test)
        case ast.Constant(value=bool(value)):
            yield node, "value", not value
        case ast.Constant(value=int(value)):
            yield node, "value", value + 1


def _negated(test: ast.expr) -> ast.expr:
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return test.operand
    return ast.copy_location(ast.UnaryOp(ast.Not(), test), test)


class Hunt:
    """Runs the collected tests on each mutant, in a process of its own."""

    def __init__(self, chosen: list[Mutant]) -> None:
        self.chosen = chosen
        self.survivors: list[Mutant] = []

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        items = list(session.items)
        for file in {mutant.file for mutant in self.chosen}:
            importlib.import_module(_module(file))
        gc.unfreeze()  # what is frozen is in no list of objects
        for wrapper in [x for x in gc.get_objects() if isinstance(x, _lru_cache_wrapper)]:
            wrapper.cache_clear()
        functions = [x for x in gc.get_objects() if isinstance(x, FunctionType)]
        gc.freeze()  # a fork copies no more of the memory than it must
        before = os.times()
        killer = _forked(lambda: None, items, limit=3600)
        if killer is not None:
            raise pytest.UsageError(f"{items[killer].nodeid} fails without a mutant")
        after = os.times()
        limit = PATIENCE * int(sum(after[2:4]) - sum(before[2:4])) + 60
        for number, mutant in enumerate(self.chosen):
            killer = _forked(partial(_replace, mutant, functions), items, limit)
            if killer is None:
                self.survivors.append(mutant)
                _say(f"survives: {mutant.file}:{mutant.line} {mutant.function}: {mutant.change}")
            elif killer >= 0:
                items.insert(0, items.pop(killer))
            if number % 50 == 49:
                _say(f"{number + 1} of {len(self.chosen)}, {len(self.survivors)} survive")
        return True


def _forked(prepare: Callable[[], None], items: list[pytest.Item], limit: int) -> int | None:
    """Return the number of the first test that fails in a fork, -1 for one that ends otherwise."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        with _Silence(writing):
            signal.setitimer(signal.ITIMER_PROF, limit)  # of its own work: the machine may be busy
            prepare()
            for number, item in enumerate(items):
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
                if item.session.testsfailed:
                    os.write(writing, str(number).encode())
                    os._exit(1)
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as stream:
        killer = stream.read()
    _, status = os.waitpid(pid, 0)
    if status == 0:
        return None
    return int(killer) if killer else -1


class _Silence:
    """Ends the process at the first error, and says nothing in it."""

    def __init__(self, writing: int) -> None:
        self.writing = writing

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
        os._exit(3)


def _replace(mutant: Mutant, functions: list[FunctionType]) -> None:
    """Give the functions of a module that live in this process the code of the mutant."""
    codes = dict(_codes(mutant.code))
    file = str(SOURCE / mutant.file)
    for function in functions:
        code = function.__code__
        if code.co_filename == file and (new := codes.get(_place(code))) is not None:
            function.__code__ = new


def _codes(code: CodeType) -> Iterator[tuple[tuple[str, int], CodeType]]:
    yield _place(code), code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


def _place(code: CodeType) -> tuple[str, int]:
    return code.co_qualname, code.co_firstlineno


def _module(file: str) -> str:
    return f"bncalc.{file.removesuffix('.py').replace('/', '.')}".removesuffix(".__init__")


def _say(text: str) -> None:
    print(text, flush=True)


def hunted(folder: str, chosen: list[Mutant]) -> list[Mutant]:
    """Return the mutants that the tests of a folder do not notice."""
    hunt = Hunt(chosen)
    options = ["-q", "-p", "no:cacheprovider", "-n", "0", "-p", "no:cov", "--capture=no"]
    code = pytest.main([*options, str(ROOT / "tests" / folder)], plugins=[hunt])
    if code != 0:
        sys.exit(f"the tests of {folder} could not be run: {code!r}")
    return hunt.survivors


def _files(path: str) -> list[Path]:
    whole = SOURCE / path
    return sorted(whole.rglob("*.py")) if whole.is_dir() else [whole]


def _batches(paths: list[str]) -> Iterator[tuple[str, list[Mutant]]]:
    """Yield what is mutated, by name: the targets, and samples of the rest."""
    for target in WHOLE:
        if not paths or any(target.startswith(path) for path in paths):
            yield target, [mutant for file in _files(target) for mutant in mutants(file)]
    targets = {file for target in WHOLE for file in _files(target)}
    for folder in SAMPLED if not paths else ():
        rest = [x for file in _files(folder) if file not in targets for x in mutants(file)]
        rest.sort(key=lambda mutant: mutant.key)
        yield f"{folder}, a sample", random.Random(SEED).sample(rest, min(SAMPLE, len(rest)))


def main(paths: list[str]) -> int:
    """Print what survives and the shares; return 1 where a survivor is not named as equivalent."""
    named = EQUIVALENT.read_text(encoding="utf-8") if EQUIVALENT.exists() else ""
    known = {line.partition("  #")[0].rstrip() for line in named.splitlines()}
    shares, unnamed = [], 0
    for name, chosen in _batches(paths):
        _say(f"{name}: {len(chosen)} mutants")
        tested = [mutant for mutant in chosen if mutant.key not in known]
        survivors = hunted(name.partition(",")[0].partition("/")[0], tested)
        unnamed += len(survivors)
        killed = len(tested) - len(survivors)
        equivalent = len(chosen) - len(tested)
        shares.append(f"{name}: {killed} of {len(chosen)} killed, {equivalent} equivalent")
        _say(shares[-1])
    _say("\n".join(["", *shares]))
    return bool(unnamed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
