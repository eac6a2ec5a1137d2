"""What a mutant is: one operator or number of a function, or of a constant of a class, changed."""

import ast
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from types import CodeType, FunctionType
from typing import NamedTuple

SOURCE = Path(__file__).parents[2] / "src" / "bncalc"

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
Owner = ast.FunctionDef | ast.Assign
Place = tuple[str, int]
"""Where code is defined in a file: the name as Python qualifies it, and the first line."""


class Change(NamedTuple):
    """A field of a node that may be changed, whose function or constant it is, and to what.

    `shown` is the expression that tells where it is: of a number the one around it.
    """

    name: str
    owner: Owner
    shown: ast.expr | ast.stmt
    parent: ast.AST
    field: str
    value: object

    def make(self) -> str:
        """Change the tree; return what was there and what is there now."""
        before = _text_of(self.shown)
        setattr(self.parent, self.field, self.value)
        return f"{before} → {_text_of(self.shown)}"


class Mutant(NamedTuple):
    """One change of a file: how many come before it, where it is, what it changes to what."""

    file: Path
    number: int
    name: str
    is_constant: bool
    line: int
    change: str

    @property
    def target(self) -> tuple[Path, str]:
        """What a test enters that is likely to notice it: the function; for a constant, any."""
        return self.file, "" if self.is_constant else self.name

    @property
    def key(self) -> str:
        """The change without its line, which moves."""
        return f"{self.file.relative_to(SOURCE).as_posix()} {self.name}: {self.change}"

    def __str__(self) -> str:
        return f"{self.file.relative_to(SOURCE.parent)}:{self.line} {self.name}: {self.change}"

    def apply(self, functions: list[FunctionType]) -> None:
        """Change the constant, or give these functions, if they are the file's, the new code."""
        tree = ast.parse(_text(self.file))
        change = next(x for i, x in enumerate(_changes_of(tree)) if i == self.number)
        change.make()
        if isinstance(change.owner, ast.Assign):
            _assign(module_of(self.file), self.name, change.owner.value)
        elif not _recode(self.file, tree, functions):
            raise RuntimeError(f"{self.file} is not what was imported")


def mark(
    file: Path, functions: list[FunctionType], entered: set[int], numbers: Callable[[str], set[int]]
) -> None:
    """Make the functions of a file add their numbers to what was entered, when they are called."""
    tree = ast.parse(_text(file))
    for name, owner in _owners(tree, ""):
        if isinstance(owner, ast.FunctionDef) and numbers(name):
            _say_so(owner, f"_entered.update({numbers(name)})")
    vars(import_module(module_of(file)))["_entered"] = entered
    _recode(file, tree, functions)


def _say_so(owner: ast.FunctionDef, statement: str) -> None:
    """Put a statement before a function's body and those of the functions that it makes."""
    for node in list(ast.walk(owner)):
        if isinstance(node, ast.FunctionDef):
            node.body[:0] = ast.parse(statement).body
        elif isinstance(node, ast.Lambda):
            said = ast.parse(f"({statement}, None)[1]", mode="eval").body
            assert isinstance(said, ast.Subscript)
            assert isinstance(said.value, ast.Tuple)
            said.value.elts[1] = node.body
            node.body = said


def _recode(file: Path, tree: ast.Module, functions: list[FunctionType]) -> bool:
    """Give these functions, if they are the file's, the code of a tree; return whether it differs.

    Code has its place by its first line: a file that was edited in between has another.
    """
    codes = dict(_codes(compile(tree, str(file), "exec")))
    differs = False
    for function in functions:
        before = function.__code__
        if before.co_filename == str(file):
            function.__code__ = codes.get(_place_of(before), before)
            differs |= function.__code__ != before
    return differs


def _assign(module: str, name: str, value: ast.expr) -> None:
    """Give a constant of a class its new value."""
    names = vars(import_module(module))
    owner, _, constant = name.rpartition(".")
    kind = eval(owner, names)
    setattr(kind, constant, eval(compile(ast.Expression(value), module, "eval"), dict(names)))


def module_of(file: Path) -> str:
    """Return the name that a file is imported by."""
    path = file.relative_to(SOURCE.parent).with_suffix("")
    return ".".join(path.parts).removesuffix(".__init__")


def _place_of(code: CodeType) -> Place:
    return code.co_qualname, code.co_firstlineno


@cache
def _text(file: Path) -> str:
    """Read a file once: it may be edited while its mutants run."""
    return file.read_text(encoding="utf-8")


@cache
def mutants(file: Path) -> tuple[Mutant, ...]:
    """Return every mutant of a file."""
    tree = ast.parse(_text(file))
    answer = []
    for number, change in enumerate(_changes_of(tree)):
        old = getattr(change.parent, change.field)
        told = change.make()
        setattr(change.parent, change.field, old)
        is_constant = isinstance(change.owner, ast.Assign)
        answer.append(Mutant(file, number, change.name, is_constant, change.shown.lineno, told))
    return tuple(answer)


def _changes_of(tree: ast.Module) -> Iterator[Change]:
    for name, owner in _owners(tree, ""):
        body = owner.body if isinstance(owner, ast.FunctionDef) else [owner.value]
        for node, around in _nodes(body, None):
            for change in _changes(node):
                shown = around if around and isinstance(node, ast.Constant | ast.UnaryOp) else node
                yield Change(name, owner, shown, *change)


def _owners(node: ast.AST, prefix: str) -> Iterator[tuple[str, Owner]]:
    """Yield functions, methods and constants of classes; what is within a function is its part."""
    for child in ast.iter_child_nodes(node):
        match child:
            case ast.FunctionDef():
                yield prefix + child.name, child
            case ast.ClassDef(bases=[ast.Name(id="StrEnum")]):
                yield from ()  # whose members are text
            case ast.ClassDef():
                yield from _owners(child, f"{prefix}{child.name}.")
            case ast.Assign(targets=[ast.Name(name)]) if prefix:
                yield prefix + name, child


def _text_of(node: ast.expr | ast.stmt) -> str:
    return ast.unparse(node.test if isinstance(node, ast.If | ast.While) else node)


def _nodes(
    body: Iterable[ast.AST], around: ast.expr | None
) -> Iterator[tuple[ast.expr | ast.stmt, ast.expr | None]]:
    """Yield what computes, with the expression around it.

    That is no annotation, no assertion (of which `strict=True` is one), and nothing that makes a
    message.
    """
    for node in body:
        match node:
            case ast.Raise() | ast.Assert() | ast.JoinedStr():
                continue
            case ast.keyword(arg="strict", value=ast.Constant(value=True)):
                continue
        if isinstance(node, ast.expr | ast.stmt):
            yield node, around
        hidden = {"annotation", "returns", "type_comment"}
        inner = around
        if isinstance(node, ast.expr) and not isinstance(node, ast.UnaryOp | ast.Slice):
            inner = node
        for name, value in ast.iter_fields(node):
            if name not in hidden:
                children = value if isinstance(value, list) else [value]
                trees = [child for child in children if isinstance(child, ast.AST)]
                yield from _nodes(trees, inner)


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


def _codes(code: CodeType) -> Iterator[tuple[Place, CodeType]]:
    yield _place_of(code), code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)
