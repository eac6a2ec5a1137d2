"""Forward: the statements of a class, one for each child, what belongs together in one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from heapq import heappop, heappush

from bncalc.writers.pytorch.classes import Classes
from bncalc.writers.pytorch.kind import Class
from bncalc.writers.pytorch.layout import MANY, Ref, Run
from bncalc.writers.pytorch.lines.helpers import HELPERS
from bncalc.writers.pytorch.statements import Statement, tidied
from bncalc.writers.pytorch.wrapping import LINE_WIDTH, wrapped
from bncalc.writers.tree import Child, Leaf

ModuleCall = Callable[[Child, list[str], list[str]], str]
"""A child, the names of what it takes, and its values as text → the source of its call."""

_FEW = 3
"""From so many on children that take all maps before them are written with a list."""
_MANY = 5
"""More maps than these are not told one by one in a type."""
_RESERVED = {"self", "maps", "slice", "torch", "nn", "F", *HELPERS}
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
        self._lists: dict[tuple[Ref, ...], str] = {}
        """The names of lists of maps, each by what is in it."""

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
                yield f"        if self.{statement.condition}:"
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
            dense, stop = self._dense(position)
            if dense:
                yield from dense
                position = stop
                continue
            child = children[position]
            if trains or not self._classes.trains(child):
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
            if not self._names[ref].endswith("]")
        ]
        call = self._called(child, sources, names, position)
        made = [(position, i) for i in range(len(self._classes.ends(child)[1]))]
        for ref in made:
            if len(made) > 1 and ref not in self._last:
                self._give(ref, _UNREAD)
            else:
                self._give(ref, free.pop(0) if free else self._fresh(child.name, position))
        targets = tuple([self._names[ref] for ref in made])
        follows, pointwise = self._classes.follows(child), self._classes.is_pointwise(child)
        return Statement(targets, call, follows=follows, pointwise=pointwise)

    def _called(
        self, child: Child, sources: tuple[Ref, ...], names: list[str], position: int
    ) -> str:
        """Return the call of a child; one of a whole list of maps names the list."""
        name = self._lists.get(sources)
        if name is None:
            return self._call(child, names, self._kind.given[position])
        if isinstance(child, Leaf):
            return self._classes.joined(child, name)
        return self._call(child, [f"*{name}"], self._kind.given[position])

    def _dense(self, start: int) -> tuple[list[Statement], int]:
        """Return the statements of children of which each takes all maps of those before.

        They take them all, or a join of them just before. And return what position follows: none
        are so unless there are several from a position on.
        """
        items, children = self._kind.layout.items, self._kind.example.children
        first = items[start].sources
        made: list[int] = []
        at = start
        while (taking := self._takes_all(at, (*first, *[(each, 0) for each in made]))) is not None:
            made.append(taking)
            at = taking + 1
        if len(made) < _FEW:
            return [], start
        name = "maps" if not self._lists and self._arriving != ["*maps"] else f"maps{start}"
        listed = f"[{', '.join(self._names[ref] for ref in first)}]"
        statements = [Statement((name,), listed)]
        before, at = first, start
        for position in made:
            given, join = self._kind.given[position], children[at]
            taken = f"*{name}"
            if at < position and isinstance(join, Leaf):
                taken = self._classes.joined(join, name)
            call = self._call(children[position], [taken], given)
            statements.append(Statement((), f"{name}.append({call})"))
            self._give((position, 0), f"{name}[{len(before)}]")
            before, at = (*before, (position, 0)), position + 1
        self._lists[before] = name
        return statements, at

    def _takes_all(self, position: int, maps: tuple[Ref, ...]) -> int | None:
        """Return the child that takes all of some maps, or their join at a position."""
        items, children = self._kind.layout.items, self._kind.example.children
        if position >= len(items) or items[position].sources != maps or position in self._runs:
            return None
        child, following = children[position], position + 1
        if isinstance(child, Leaf):
            is_read = following < len(items) and items[following].sources == ((position, 0),)
            is_join = len(maps) > 1 and self._classes.joins_all(child)
            is_alone = self._last.get((position, 0)) == following
            return (
                following
                if is_read and is_join and is_alone and self._is_plain(following)
                else None
            )
        is_many = self._is_plain(position) and not self._classes.is_row(child)
        return position if is_many and self._classes.of(child).layout.takes == MANY else None

    def _is_plain(self, position: int) -> bool:
        """Return whether a child always runs and gives one map."""
        child = self._kind.example.children[position]
        is_again = self._classes.is_again(child) or self._classes.trains(child)
        return (
            position not in self._runs and not is_again and len(self._classes.ends(child)[1]) == 1
        )

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
            yield Statement((name,), call, self._kind.flags[run], follows)

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
        plain = f"layer_{name}" if name[0].isdigit() else name
        unique, count = "y", 1
        while self._used[unique] or unique in used or unique in _RESERVED:
            unique = plain if count == 1 else f"{plain}_{count}"
            count += 1
        return unique
