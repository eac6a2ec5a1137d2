"""The module file: a class for each kind of part, equal ones with what differs as arguments."""

from __future__ import annotations

from collections.abc import Iterator

from bncalc._version import __version__
from bncalc.errors import UsageError
from bncalc.model.graph import Graph
from bncalc.named import NamedTuple
from bncalc.printable import printable
from bncalc.writers.pytorch.again import Again, parts_again
from bncalc.writers.pytorch.arguments import Slot, arguments_of, role, type_of
from bncalc.writers.pytorch.layout import wrapped
from bncalc.writers.pytorch.lines import Line, line
from bncalc.writers.pytorch.names import attribute, class_name, identified
from bncalc.writers.tree import Branch, Leaf, tree


class Class(NamedTuple):
    """A class to write: its name, the branch that shows how, and its arguments by position."""

    name: str
    example: Branch
    arguments: dict[int, str]


def module_file(graph: Graph) -> str:
    """Return the source of a module file; raise UsageError for an op that cannot be written.

    One class for each kind of part. Names of states are the paths of layers, with dots. The file
    needs PyTorch and nothing of ours.
    """
    writer = _Writer(graph)
    root = identified(tree(graph))
    body = writer.classes(root)
    name = printable(graph.name).replace("\\", "\\\\").replace('"', "'")
    head = f'"""{name}, written by bncalc {__version__}."""\n\n'
    uses = "F." in body
    imports = "import torch\n" + ("import torch.nn.functional as F\n" if uses else "")
    return f"{head}{imports}from torch import Tensor, nn\n\n\n{body}"


class _Writer:
    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._lines: dict[int, Line] = {}
        for index, node in enumerate(graph.nodes):
            if node.op.word != "input":
                self._lines[index] = line(node, graph.input_shapes(node))
        self._classes: dict[object, Class] = {}
        self._names: set[str] = set()
        self._again: Again = {}

    def classes(self, root: Branch) -> str:
        """Return every class, those that others use first."""
        self._again = parts_again(self._graph, self._lines, root)
        alike: dict[object, list[Branch]] = {}
        for branch in self._walk(root):
            if not self._is_row(branch):
                alike.setdefault(self._kind(branch), []).append(branch)
        texts = [self._class(kind, branches) for kind, branches in alike.items()]
        return "\n\n".join(texts)

    def _is_again(self, child: Leaf | Branch) -> bool:
        return isinstance(child, Branch) and (child.start, child.stop) in self._again

    def _walk(self, branch: Branch) -> Iterator[Branch]:
        """Return the parts that have a class of their own or are a row, the inner ones first."""
        for child in branch.children:
            if isinstance(child, Branch) and not self._is_again(child):
                yield from self._walk(child)
        yield branch

    def _is_row(self, branch: Branch) -> bool:
        """Return whether a part is no more than its children, one after the other."""
        children = branch.children
        if len(branch.takes) != 1 or len(branch.gives) != 1 or not children:
            return False
        if [child.name for child in children] != [str(i) for i in range(len(children))]:
            return False
        before = branch.takes
        for child in children:
            takes, gives = self._ends(child)
            if self._is_again(child):
                return False
            plain = isinstance(child, Branch) or self._lines[child.node].call == "{m}({0})"
            if takes != before or len(gives) != 1 or not plain:
                return False
            before = gives
        return before == branch.gives

    def _ends(self, child: Leaf | Branch) -> tuple[tuple[int, ...], tuple[int, ...]]:
        if isinstance(child, Branch):
            return child.takes, child.gives
        return self._graph.nodes[child.node].inputs, (child.node,)

    def _kind(self, branch: Branch) -> object:
        """Return what equal parts have in common: all but the values of arguments."""
        base = {node: i for i, node in enumerate(branch.takes)}
        described: list[object] = [branch.word, len(branch.takes)]
        for child in branch.children:
            takes = self._ends(child)[0]
            sources = tuple(base.get(node, node - branch.start + len(base)) for node in takes)
            if isinstance(child, Branch) and self._is_again(child):
                described.append((self._again[child.start, child.stop], sources))
            elif isinstance(child, Branch):
                described.append((child.name, self._is_row(child), self._kind(child), sources))
            else:
                text = self._lines[child.node]
                names = tuple(name for name, _ in text.arguments)
                described.append(
                    (
                        child.name,
                        text.call,
                        text.module,
                        names,
                        sources,
                        self._shared(child.node, branch),
                    )
                )
        described.append(tuple(node - branch.start for node in branch.gives))
        return tuple(described)

    def _shared(self, node: int, branch: Branch) -> int | None:
        owner = self._graph.nodes[node].weights_of
        if owner is not None and not branch.start <= owner < branch.stop:
            path = self._graph.nodes[node].path
            raise UsageError(f"{path} has the weights of another part: it cannot be written")
        return None if owner is None else owner - branch.start

    def _slots(self, branch: Branch) -> list[Slot]:
        """Return every value of the constructors in a part, in order."""
        slots: list[Slot] = []
        for child in branch.children:
            if self._is_again(child):
                continue
            if isinstance(child, Leaf):
                text = self._lines[child.node]
                for index, (name, value) in enumerate(text.arguments):
                    slots.append(Slot(child.name, name or role(text.module, index), value))
            elif self._is_row(child):
                slots += [s._replace(child=f"{child.name}_{s.child}") for s in self._slots(child)]
            else:
                made = self._classes[self._kind(child)]
                inner = self._slots(child)
                slots += [
                    Slot(child.name, name, inner[at].value) for at, name in made.arguments.items()
                ]
        return slots

    def _class(self, kind: object, branches: list[Branch]) -> str:
        example, rows = branches[0], [self._slots(branch) for branch in branches]
        arguments = arguments_of(rows)
        name = class_name(example.word)
        count = 1
        while name in self._names:
            count += 1
            name = f"{class_name(example.word)}{count}"
        self._names.add(name)
        made = Class(name, example, {})
        shown: dict[int, str] = {}
        for at, argument in arguments.items():
            if argument not in shown.values():
                shown[at] = argument
        self._classes[kind] = made._replace(arguments=shown)
        return self._written(made, arguments, rows[0])

    def _written(self, made: Class, arguments: dict[int, str], slots: list[Slot]) -> str:
        types = {arguments[at]: type_of(slots[at].value) for at in arguments}
        parameters = ", ".join(f"{name}: {kind}" for name, kind in types.items())
        values = iter([arguments.get(at) or repr(slot.value) for at, slot in enumerate(slots)])
        built = [
            _assigned(attribute(child.name), text)
            for child in made.example.children
            if not self._is_again(child)
            if (text := self._constructed(child, values))
        ]
        lines = [f"class {made.name}(nn.Module):"]
        head = (
            f"def __init__(self, {parameters}) -> None:"
            if parameters
            else "def __init__(self) -> None:"
        )
        lines += wrapped(head, 4)
        lines.append("        super().__init__()")
        for statement in built:
            lines += wrapped(statement, 8)
        lines += ["", *self._forward(made.example)]
        return "\n".join(lines) + "\n"

    def _constructed(self, child: Leaf | Branch, values: Iterator[str]) -> str:
        """Return the constructor's call of a child, its values taken one after the other."""
        if isinstance(child, Leaf):
            text = self._lines[child.node]
            given = [(name, next(values)) for name, _ in text.arguments]
            if not text.module or self._graph.nodes[child.node].weights_of is not None:
                return ""
            inner = ", ".join(f"{name}={value}" if name else value for name, value in given)
            if text.module == "parameter":
                return f"nn.Parameter(torch.zeros({inner}))"
            if text.module == "buffer":
                return f"torch.zeros({inner})"
            return f"{text.module}({inner})"
        if self._is_row(child):
            inner = ", ".join(self._constructed(each, values) for each in child.children)
            return f"nn.Sequential({inner})"
        made = self._classes[self._kind(child)]
        given = [(name, next(values)) for name in made.arguments.values()]
        return f"{made.name}({', '.join(f'{name}={value}' for name, value in given)})"

    def _forward(self, branch: Branch) -> Iterator[str]:
        takes = ["x"] if len(branch.takes) == 1 else [f"x{i}" for i in range(len(branch.takes))]
        names = dict(zip(branch.takes, takes, strict=True))
        last, trains = self._last_uses(branch), self._trains(branch)
        arguments = ", ".join(f"{name}: Tensor" for name in takes)
        gives = (
            "Tensor"
            if len(branch.gives) == 1
            else f"tuple[{', '.join(['Tensor'] * len(branch.gives))}]"
        )
        yield from wrapped(f"def forward(self, {arguments}) -> {gives}:", 4)
        for position, child in enumerate(branch.children):
            sources, made = self._ends(child)
            if self._trains(child) and not trains:
                continue
            call = self._call(child, [names[source] for source in sources])
            free = [names[s] for s in sources if last[s] == position and s not in branch.gives]
            for node in made:
                names[node] = (
                    free.pop(0) if free else self._fresh(child.name, names, last, position)
                )
            targets = ", ".join(names[node] for node in made)
            if call != targets:
                yield from wrapped(f"{targets} = {call}", 8)
        yield f"        return {', '.join(names[node] for node in branch.gives)}"

    def _trains(self, child: Leaf | Branch) -> bool:
        """Return whether a child is for training alone."""
        if isinstance(child, Leaf):
            return self._graph.nodes[child.node].training_only
        nodes = self._graph.nodes[child.start : child.stop]
        return all(node.training_only for node in nodes)

    def _last_uses(self, branch: Branch) -> dict[int, int]:
        last = dict.fromkeys(range(branch.stop), -1)
        for position, child in enumerate(branch.children):
            for source in self._ends(child)[0]:
                last[source] = position
        return last | dict.fromkeys(branch.gives, len(branch.children))

    def _fresh(self, name: str, names: dict[int, str], last: dict[int, int], position: int) -> str:
        """Return a variable for a map that is needed beside others: called after its layer."""
        used = {names[node] for node in names if last[node] > position}
        base = f"layer_{name}" if name[0].isdigit() else name
        unique, count = base, 1
        while unique in used or unique in ("self", "torch", "nn", "F"):
            count += 1
            unique = f"{base}_{count}"
        return unique

    def _call(self, child: Leaf | Branch, sources: list[str]) -> str:
        if isinstance(child, Branch):
            name = self._again.get((child.start, child.stop), child.name)
            return f"self.{attribute(name)}({', '.join(sources)})"
        text, owner = self._lines[child.node], self._graph.nodes[child.node].weights_of
        name = child.name if owner is None else self._graph.nodes[owner].path.rpartition("/")[2]
        return text.call.format(*sources, m=f"self.{attribute(name)}")


def _assigned(name: str, text: str) -> str:
    """Return the statement that gives a module its child; a plain tensor is a buffer."""
    if text.startswith("torch."):
        return f'self.register_buffer("{name}", {text})'
    return f"self.{name} = {text}"
