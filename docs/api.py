"""The page of the Python names, made from their source: signatures, docstrings, fields."""

import ast
import inspect
import sys
from collections.abc import Iterable, Iterator
from itertools import chain

import bncalc

START = """# Python

Made from the source by `docs/make.py`. All public names are in `bncalc` itself;
[a session in a notebook](../notebook.md) walks through them.
"""
WIDTH = 96


def api() -> str:
    """Return the page: each public name, its signature, its docstring, what it has."""
    names = sorted(name for name in bncalc.__all__ if not name.startswith("_"))
    return START + "".join(_section(name) for name in names)


def _section(name: str) -> str:
    definition = _definition(name)
    lines = ["", f"## {name}", ""]
    if isinstance(definition, ast.FunctionDef):
        lines += ["```python", _signature(definition), "```", ""]
    lines += [ast.get_docstring(definition) or "", ""]
    if isinstance(definition, ast.ClassDef):
        classes = tuple(_with_parents(getattr(bncalc, name)))
        methods: dict[str, str] = {}
        for method, about in chain.from_iterable(map(_methods, classes)):
            methods.setdefault(method, about)
        fields = chain.from_iterable(map(_fields, classes))
        lines += [*_table("field", fields), *_table("it has", methods.items())]
    return "\n".join(lines).rstrip() + "\n"


def _with_parents(kind: type) -> Iterator[ast.ClassDef]:
    """Yield the definition of a class, and of those of ours that it is made from."""
    for each in kind.__mro__:
        if each.__module__.startswith("bncalc.") and each.__module__ != "bncalc.named":
            definition = _definition_of(each)
            assert isinstance(definition, ast.ClassDef)
            yield definition


def _definition(name: str) -> ast.FunctionDef | ast.ClassDef:
    return _definition_of(getattr(bncalc, name))


def _definition_of(thing: object) -> ast.FunctionDef | ast.ClassDef:
    name, module = thing.__name__, sys.modules[thing.__module__]  # type: ignore[attr-defined]
    for node in ast.parse(inspect.getsource(module)).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == name:
            return node
    raise LookupError(f"{module.__name__} does not define {name}")


def _signature(function: ast.FunctionDef) -> str:
    """Return the signature as it is written, an argument a line if it is long."""
    arguments, returned = (
        ast.unparse(function.args),
        ast.unparse(function.returns or ast.Name("None")),
    )
    line = f"{function.name}({arguments}) -> {returned}"
    if len(line) <= WIDTH:
        return line
    inner = "\n".join(f"    {argument}," for argument in _arguments(function.args))
    return f"{function.name}(\n{inner}\n) -> {returned}"


def _arguments(arguments: ast.arguments) -> Iterator[str]:
    named = [*arguments.args]
    defaults = [None] * (len(named) - len(arguments.defaults)) + arguments.defaults
    for argument, default in zip(named, defaults, strict=True):
        yield ast.unparse(argument) + (f" = {ast.unparse(default)}" if default else "")
    if arguments.kwonlyargs:
        yield "*"
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        yield ast.unparse(argument) + (f" = {ast.unparse(default)}" if default else "")
    if arguments.kwarg:
        yield f"**{ast.unparse(arguments.kwarg)}"


def _fields(kind: ast.ClassDef) -> Iterator[tuple[str, str]]:
    """Yield the fields that are said in the class, with their types and defaults."""
    for node in kind.body:
        if isinstance(node, ast.AnnAssign) and not ast.unparse(node.target).startswith("_"):
            default = f", {ast.unparse(node.value)} unless given" if node.value else ""
            yield ast.unparse(node.target), f"`{ast.unparse(node.annotation)}`{default}"


def _methods(kind: ast.ClassDef) -> Iterator[tuple[str, str]]:
    for node in kind.body:
        doc = ast.get_docstring(node) if isinstance(node, ast.FunctionDef) else None
        if isinstance(node, ast.FunctionDef) and doc and not node.name.startswith("_"):
            is_property = any("property" in ast.unparse(mark) for mark in node.decorator_list)
            yield node.name + ("" if is_property else "()"), doc.splitlines()[0]


def _table(title: str, rows: Iterable[tuple[str, str]]) -> list[str]:
    cells = [f"| `{name}` | {about.replace('|', '∣')} |" for name, about in rows]
    return [f"| {title} | |", "|---|---|", *cells, ""] if cells else []
