"""Forward: the statements of a class, one for each child, what belongs together in one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from heapq import heappop, heappush

from bncalc.writers.pytorch.classes import Classes
from bncalc.writers.pytorch.copies import Copies
from bncalc.writers.pytorch.kind import Class
from bncalc.writers.pytorch.layout import MANY, Ref, Run
from bncalc.writers.pytorch.lines.helpers import HELPERS
from bncalc.writers.pytorch.shelves import steps_to
from bncalc.writers.pytorch.statements import Statement, tidied
from bncalc.writers.pytorch.wrapping import LINE_WIDTH, wrapped
from bncalc.writers.tree import Child, Leaf

ModuleCall = Callable[[Child, list[str], list[str]], str]
"""A child, the names of what it takes, and its values as text → the source of its call."""

_MANY = 5
"""More maps than these are not told one by one in a type."""
_RESERVED = {"self", "layer", "maps", "slice", "torch", "nn", "F", *HELPERS}
_UNREAD = "_"
"""What takes a map that nothing reads."""


class Forward:
    """Writes the forward of a class; `call` gives the source of a child's call."""

    def __init__(self, kind: Class, classes: Classes, call: ModuleCall) -> None:
        self._kind, self._classes, self._call = kind, classes, call
        self._last = kind.layout.last_uses()
        count = kind.layout.takes
        arriving = ["x"] if count == 1 else [f"x{i}" for i in range(count)]
        arriving = ["maps"] if count == MANY else arriving
        self._names: dict[Ref, str] = {}
        self._live: list[tuple[int, str]] = []
        """A heap of names of maps that are still read, or were lately: where last, and the name."""
        self._used: Counter[str] = Counter()
        """How many of those have a name."""
        for i, name in enumerate(arriving):
            self._give((-1, i), name)
        self._arriving = ["*maps"] if count == MANY else arriving
        self._runs = {run.start: run for run in kind.flags}

    def lines(self) -> Iterator[str]:
        """Return the method, indented as one."""
        statements = tidied(list(self._statements()))
        gives = [self._names[ref] for ref in self._kind.layout.gives]
        result = ", ".join(gives)
        if statements and statements[-1].targets == tuple(gives) and not statements[-1].condition:
            result = statements.pop().call
        arguments = ", ".join(["self", *[f"{name}: Tensor" for name in self._arriving]])
        each = "Tensor, ..." if len(gives) > _MANY else ", ".join(["Tensor"] * len(gives))
        many = f"tuple[{each}]"
        returns = "Tensor" if len(gives) == 1 else many
        yield from wrapped(f"def forward({arguments}) -> {returns}:", 4)
        before = ""
        for statement in statements:
            if statement.condition and statement.condition != before:
                yield f"        {statement.condition}:"
            before = statement.condition
            yield from wrapped(statement.text, statement.indent)
        if 8 + len(f"return {result}") > LINE_WIDTH and result == ", ".join(gives):
            yield from [
                "        return (",
                *[f"            {name}," for name in gives],
                "        )",
            ]
        else:
            yield from wrapped(f"return {result}", 8)

    def _statements(self) -> Iterator[Statement]:
        items, children = self._kind.layout.items, self._kind.example.children
        trains = all(map(self._classes.trains, children))
        position = 0
        while position < len(items):
            run = self._runs.get(position)
            if run is not None:
                yield from self._conditional(run)
                position = run.stop
                continue
            child = children[position]
            if isinstance(child, Copies):
                yield from self._loop(position, child)
            elif trains or not self._classes.trains(child):
                statement = self._plain(position, child)
                if (position, 0) in self._last or "self." in statement.call:
                    yield statement
            position += 1

    def _plain(self, position: int, child: Child) -> Statement:
        """Return the statement of a child; maps that nothing needs any more give their names."""
        sources = self._kind.layout.items[position].sources
        names = [self._names[ref] for ref in sources]
        if isinstance(child, Leaf) and position == self._kind.layout.joins:
            self._give((position, 0), "x")
            return Statement(("x",), self._classes.joined(child, *names))
        free = [
            self._names[ref]
            for ref in dict.fromkeys(sources)
            if self._last[ref] == position and ref not in self._kind.layout.gives
        ]
        call = self._call(child, names, self._kind.given[position])
        made = [(position, i) for i in range(len(self._classes.ends(child)[1]))]
        for ref in made:
            if len(made) > 1 and ref not in self._last:
                self._give(ref, _UNREAD)
            else:
                self._give(ref, free.pop(0) if free else self._fresh(child.name, position))
        targets = tuple([self._names[ref] for ref in made])
        follows, pointwise = self._classes.follows(child), self._classes.is_pointwise(child)
        return Statement(targets, call, follows=follows, pointwise=pointwise)

    def _loop(self, position: int, copies: Copies) -> Iterator[Statement]:
        """Return the statements that call copies: each on the map of the one before, or on all."""
        sources = self._kind.layout.items[position].sources
        names = [self._names[ref] for ref in sources]
        kept = self._last[sources[0]] > position or sources[0] in self._kind.layout.gives
        one_by_one = copies.join is not None and not copies.open and len(names) == 1
        is_fresh = kept or (copies.join is not None and not one_by_one)
        target = self._fresh(copies.title, position) if is_fresh else names[0]
        each = "for layer in self.children()"
        self._give((position, 0), target)
        if copies.join is None:
            yield Statement((target,), names[0])
            yield Statement((target,), f"layer({', '.join([target, *names[1:]])})", each)
            return
        maps = "maps" if self._arriving != ["*maps"] else f"maps{position}"
        joined = self._classes.joined(copies.join, maps)
        yield Statement((maps,), f"[{', '.join(names)}]")
        if one_by_one:  # a first join of one map would be a layer more
            yield Statement((target,), names[0])
            yield Statement((), f"{maps}.append(layer({target}))", each)
            yield Statement((target,), joined, each)
            return
        taken = f"*{maps}" if copies.open else joined
        yield Statement((), f"{maps}.append(layer({taken}))", each)
        yield Statement((target,), joined)

    def _conditional(self, run: Run) -> Iterator[Statement]:
        """Return the statements of a run, all on one name: that of the map that passes by."""
        passing = name = self._names[run.passes]
        if self._last[run.passes] >= run.stop:
            name = self._fresh(self._kind.example.children[run.start].name, run.start)
            yield Statement((name,), passing)
        for position in range(run.start, run.stop):
            child = self._kind.example.children[position]
            names = [self._names[ref] for ref in self._kind.layout.items[position].sources]
            self._give((position, 0), name)
            call = self._call(child, names, self._kind.given[position])
            follows = self._classes.follows(child)
            yield Statement((name,), call, f"if self.{self._kind.flags[run]}", follows)

    def _give(self, ref: Ref, name: str) -> None:
        """Give a map its name."""
        self._names[ref] = name
        if ref in self._last:
            heappush(self._live, (self._last[ref], name))
            self._used[name] += 1

    def _fresh(self, name: str, position: int) -> str:
        """Return a name for a map that is needed beside others: `y`, or else its layer's."""
        while self._live and self._live[0][0] <= position:
            self._used[heappop(self._live)[1]] -= 1
        used = {self._names[ref] for ref in self._kind.layout.items[position].sources}
        plain, *_ = steps_to(f"layer_{name}" if name[0].isdigit() else name)
        unique, count = "y", 1
        while self._used[unique] or unique in used or unique in _RESERVED:
            unique = plain if count == 1 else f"{plain}_{count}"
            count += 1
        return unique
