"""The module file: a class for each kind of part, equal ones with what differs as arguments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

from bncalc._version import __version__
from bncalc.model.graph import Graph
from bncalc.model.literal import Expression, literal
from bncalc.printable import printable
from bncalc.writers.pytorch.arguments import InitArgument
from bncalc.writers.pytorch.classes import Classes, is_passing
from bncalc.writers.pytorch.copies import Copies
from bncalc.writers.pytorch.flat_maps import flattened
from bncalc.writers.pytorch.forward import Forward
from bncalc.writers.pytorch.kind import Class
from bncalc.writers.pytorch.lines import lines_of
from bncalc.writers.pytorch.lines.helpers import HELPERS
from bncalc.writers.pytorch.lines.line import (
    TENSORS,
    ZEROS,
    Line,
    constructed,
    filled,
    is_usual,
    numbered,
)
from bncalc.writers.pytorch.names import identified, member
from bncalc.writers.pytorch.repeated_parts import unique_parts
from bncalc.writers.pytorch.rows import Row
from bncalc.writers.pytorch.shelves import (
    ShelvedText,
    is_on_shelf,
    shelf,
    steps_to,
    without_shelves,
)
from bncalc.writers.pytorch.wrapping import wrapped
from bncalc.writers.refusal import refuse_counts
from bncalc.writers.tree import Child, Leaf, Subtree, tree


def module_file(graph: Graph) -> str:
    """Return the source of a module file; raise UsageError for an op that cannot be written.

    One class for each kind of part. Names of states are the paths of layers, with dots. The file
    needs PyTorch and nothing of ours.
    """
    refuse_counts(graph, "PyTorch")
    classes = _Writer(graph).text()
    helpers = [source for name, source in HELPERS.items() if f"{name}(" in classes]
    body = "\n\n".join([*helpers, classes])
    name = printable(graph.name).replace("\\", "\\\\").replace('"', "'")
    head = f'"""{name}, written by bncalc {__version__}."""\n\n'
    imports = "from typing import Any\n\n" if "Any" in body else ""
    imports += "import torch\n" if "torch." in body else ""
    imports += "import torch.nn.functional as F\n" if "F." in body else ""
    return f"{head}{imports}from torch import Tensor, nn\n\n\n{body}"


ForwardSteps = tuple[str, ...]
_FEW = 3
"""From so many on equal modules in a row are written as one that is repeated."""


class _Writer:
    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._lines = flattened(graph, lines_of(graph))
        root = _pruned(identified(tree(graph), self._lines), self._lines)
        root = without_shelves(root, graph, self._lines)
        root, self._again = unique_parts(graph, self._lines, root)
        self._classes = Classes(graph, self._lines, self._again)
        self._classes.gather(root)
        self._steps = dict(self._placed(root, ()))

    def text(self) -> str:
        """Return every class, those that others use first."""
        return "\n\n".join([self._class(kind) for kind in self._classes.all])

    def _class(self, kind: Class) -> str:
        base = "ModuleDict" if any(map(self._is_keyed, kind.example.children)) else "Module"
        lines = [f"class {kind.name}(nn.{base}):", *self._annotations(kind)]
        parameters = ", ".join(["self", *map(str, kind.arguments)])
        lines += wrapped(f"def __init__({parameters}) -> None:", 4)
        lines.append("        super().__init__()")
        lines += self._constructors(kind)
        lines += self._tied(kind.example)
        lines += ["", *Forward(kind, self._classes, self._call).lines()]
        return "\n".join(lines) + "\n"

    def _annotations(self, kind: Class) -> list[str]:
        """Return the types of the buffers of a class, which PyTorch does not tell."""
        leaves = [child for child in kind.example.children if isinstance(child, Leaf)]
        buffers = TENSORS.keys() - {"parameter"}
        names = [leaf.name for leaf in leaves if self._lines[leaf.node].module in buffers]
        return [*[f"    {name}: Tensor" for name in names], ""] if names else []

    def _is_keyed(self, child: Child) -> bool:
        """Return whether a child is a module whose name begins with a number."""
        needs_module = not isinstance(child, Leaf) or self._classes.needs_module(child)
        return needs_module and child.name[:1].isdigit()

    def _constructors(self, kind: Class) -> Iterator[str]:
        """Return the statements that give a module its children, in their order."""
        yield from (f"        self.{name} = {name}" for name in (*kind.flags.values(), *kind.kept))
        conditions = {
            position: flag
            for run, flag in kind.flags.items()
            for position in range(run.start, run.stop)
        }
        before = ""
        for position, child in enumerate(kind.example.children):
            if isinstance(child, Copies):
                yield from self._copied(child, iter(kind.given[position]))
                continue
            statements = list(self._assigned(kind, position))
            condition = conditions.get(position, "")
            if statements and condition and condition != before:
                yield f"        if {condition}:"
            before = condition if statements else before
            for statement in statements:
                yield from wrapped(statement, 12 if condition else 8)

    def _copied(self, copies: Copies, values: Iterator[str]) -> Iterator[str]:
        """Return the loop that makes copies, their arguments worked out from their number."""
        count, kind = next(values), self._classes.of(copies.parts[0])
        given = [
            (argument, f"{value} + {step} * i" if step else value)
            for argument, value, step in zip(kind.arguments, values, copies.steps, strict=True)
        ]
        number = f"i + {copies.first}" if copies.first else "i"
        yield f"        for i in range({count}):"
        call = _called(kind, given)
        yield from wrapped(f'self.add_module(f"{copies.name}{{{number}}}", {call})', 12)

    def _assigned(self, kind: Class, position: int) -> Iterator[str]:
        """Return the statements that give a module a child; the first of a shelf gives them all."""
        child = kind.example.children[position]
        if is_on_shelf(child.name):
            yield from self._shelved(kind, position)
            return
        *statements, text = self._made_at(kind, position)
        yield from statements
        module = self._lines[child.node].module if isinstance(child, Leaf) else ""
        if text and (module not in TENSORS or module == "parameter"):
            yield f"self{member(child.name)} = {text}"
        elif text:
            further = ", persistent=False" if module == "constant" else ""
            yield f'self.register_buffer("{child.name}", {text}{further})'

    def _shelved(self, kind: Class, position: int) -> Iterator[str]:
        """Return the statements that give a module a shelf, if its first child is at a position."""
        children, made = kind.example.children, list[ShelvedText]()
        name, *_ = steps_to(children[position].name)
        if position and steps_to(children[position - 1].name)[:1] == [name]:
            return
        for at in range(position, len(children)):
            first, *steps = steps_to(children[at].name)
            if first != name:
                break
            *statements, text = self._made_at(kind, at)
            yield from statements
            made += [(steps, text)] if text else []
        is_list = '"' not in children[position].name.partition("]")[0]
        if made:
            yield f"self{member(name)} = {shelf(made, is_list=is_list)}"

    def _made_at(self, kind: Class, position: int) -> list[str]:
        """Return what makes a child, and the statements before it; empty if it needs no module."""
        child, values = kind.example.children[position], iter(kind.given[position])
        if self._classes.is_again(child):
            return [""]
        line = self._lines[child.node] if isinstance(child, Leaf) else Line("")
        statements = [filled(numbered(step), values) for step in line.steps]
        made = self._constructed(child, values)
        told = [ZEROS] if made and line.holds_zeros else []
        return [*statements, *told, made]

    def _tied(self, part: Subtree) -> Iterator[str]:
        """Return the statements that give layers the weights of others."""
        ties = self._classes.ties
        for tie in ties.of(part):
            depth = ties.depth(part)
            ours, theirs = ("".join(self._steps[i][depth:]) for i in (tie.node, tie.owner))
            for state in ties.shared(tie):
                yield from wrapped(f"self{ours}{state} = self{theirs}{state}", 8)

    def _constructed(self, child: Child, values: Iterator[str]) -> str:
        """Return the constructor's call of a child, its values taken one after the other."""
        if isinstance(child, Leaf):
            return self._made(child, values)
        if isinstance(child, Row):
            repeats = [(next(values), self._constructed(each, values)) for each, _ in child.repeats]
            inner = [text for count, call in repeats for text in _counted(call, count)]
            return f"nn.Sequential({', '.join(inner)})"
        if self._classes.is_row(child):
            calls = [self._constructed(each, values) for each in child.children]
            inner = [
                text for call, same in groupby(calls) for text in _counted(call, f"{len([*same])}")
            ]
            return f"nn.Sequential({', '.join(inner)})"
        kind = self._classes.of(child)
        return _called(kind, [(argument, next(values)) for argument in kind.arguments])

    def _made(self, child: Leaf, values: Iterator[str]) -> str:
        """Return the constructor's call of a layer, empty for one that needs no module."""
        line = self._lines[child.node]
        module = next(values) if line.is_bare else line.module
        given = [
            (name, value, filled(numbered(value), values))
            if isinstance(value, Expression)
            else (name, value, next(values))
            for name, value in line.arguments
        ]
        if not line.module or self._classes.ties.called(child.node) is not None:
            return ""
        shown = [
            f"{name}={text}" if name else text
            for name, value, text in given
            if text != literal(value) or not is_usual(name, value)
        ]
        return constructed(module, ", ".join(shown))

    def _call(self, child: Child, sources: list[str], given: list[str]) -> str:
        if not isinstance(child, Leaf):
            name = self._again.get((child.start, child.stop), child.name)
            return f"self{member(name)}({', '.join(sources)})"
        line, owner = self._lines[child.node], self._classes.ties.called(child.node)
        around = len(self._steps[child.node]) - 1
        steps = self._steps[child.node if owner is None else owner][around:]
        numbers = given[len(line.values) :]
        return line.called(sources, "self" + "".join(steps), numbers)

    def _placed(
        self, branch: Subtree, within: tuple[str, ...]
    ) -> Iterator[tuple[int, ForwardSteps]]:
        """Return the steps that lead to each layer's module: `.conv1`, or `[0]` in a row."""
        in_row = bool(within) and self._classes.is_row(branch)
        for child in branch.children:
            step = f"[{child.name}]" if in_row else member(child.name)
            if isinstance(child, Leaf):
                yield child.node, (*within, step)
            else:
                yield from self._placed(child, (*within, step))


def _called(kind: Class, given: Iterable[tuple[InitArgument, str]]) -> str:
    """Return the call of a class with the arguments that are not as usual."""
    shown = [
        f"{argument.name}={value}"
        for argument, value in given
        if value not in ("None", argument.default)
    ]
    return f"{kind.name}({', '.join(shown)})"


def _pruned(branch: Subtree, lines: Mapping[int, Line]) -> Subtree:
    """Return a part without what does nothing in PyTorch."""
    pruned = [
        _pruned(child, lines) if isinstance(child, Subtree) else child for child in branch.children
    ]
    children = [
        child
        for child in pruned
        if (child.children if isinstance(child, Subtree) else not is_passing(lines[child.node]))
    ]
    return branch._replace(children=tuple(children))


def _counted(call: str, count: str) -> list[str]:
    """Return a call as often as a number or an argument says, from some on as one repeated."""
    if count.isdigit() and int(count) < _FEW:
        return [call] * int(count)
    return [f"*({call} for _ in range({count}))"]
