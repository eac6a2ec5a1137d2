"""Alignment: which item of one tree is which of another, by its part, else by what it is."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from itertools import count, groupby

from bncalc.named import NamedTuple

Pair = tuple[int, int]
_MOST_CELLS = 200_000
"""How many pairs of parts are weighed within one part; more of them than that only near by."""
_WEIGHT = 1_000_000
_SLACK = 4
"""How far a part may move at first; further only where that might make a better whole."""
_ROUNDS = 8
"""How often what lies between two pairs is looked through for further ones."""


class Item(NamedTuple):
    """A leaf of a tree: the steps that lead to it, what it is in all, and what kind of thing.

    `looser` say less and less of what it is, for one that is written in another way.
    """

    steps: tuple[str, ...]
    content: Hashable
    kind: Hashable
    looser: tuple[Hashable, ...] = ()


class _Part(NamedTuple):
    """The items `start` up to `stop` that share a step; all that they are, and all their kinds."""

    name: str
    word: str
    start: int
    stop: int
    content: int
    structure: int

    @property
    def size(self) -> int:
        return self.stop - self.start


Items = Sequence[Item]


def align(old: Items, new: Items, *, renamed: bool = False) -> list[Pair]:
    """Return pairs of indices, both rising. What is swapped in the call is swapped in the pairs.

    Parts are paired with parts; if things may be `renamed`, then what is left between two pairs by
    what it is, whatever it is called and wherever in the tree it is. Time grows linearly with the
    number of items.
    """
    if _order(old) > _order(new):
        return [(a, b) for b, a in align(new, old, renamed=renamed)]
    whole = (0, len(old)), (0, len(new))
    pairs = _within(old, new, whole)
    return list(_filled(old, new, *whole, pairs, _ROUNDS) if renamed else pairs)


def _order(items: Items) -> tuple[object, ...]:
    return len(items), [(item.steps, repr(item.content)) for item in items]


def _filled(
    old: Items, new: Items, ours: Pair, theirs: Pair, pairs: Iterable[Pair], rounds: int
) -> Iterator[Pair]:
    """Return the pairs within two stretches, and those of what is left between them."""
    i, j = ours[0], theirs[0]
    for a, b in (*pairs, (ours[1], theirs[1])):
        if i < a and j < b and rounds:
            yield from _between(old, new, (i, a), (j, b), rounds)
        if a < ours[1]:
            yield a, b
        i, j = a + 1, b + 1


def _between(old: Items, new: Items, ours: Pair, theirs: Pair, rounds: int) -> Iterator[Pair]:
    """Pair what is the same, else what is nearly so; else all, if the kinds are alike."""
    left = old[slice(*ours)], new[slice(*theirs)]
    for keys in zip(*[_keys(items) for items in left], strict=False):
        if pairs := _chain(*map(_numbered, keys)):
            moved = [(ours[0] + i, theirs[0] + j) for i, j in pairs]
            yield from _filled(old, new, ours, theirs, moved, rounds - 1)
            return
    if [item.kind for item in left[0]] == [item.kind for item in left[1]]:
        yield from zip(range(*ours), range(*theirs), strict=True)


def _keys(items: Items) -> Iterator[Iterable[Hashable]]:
    """Return what the items are, the whole of it first."""
    yield [item.content for item in items]
    yield from zip(*[item.looser for item in items], strict=True)


def _numbered(keys: Iterable[Hashable]) -> list[tuple[Hashable, int]]:
    """Return each key, and how many were the same before it: the first is paired with the first."""
    before: defaultdict[Hashable, Iterator[int]] = defaultdict(count)
    return [(key, next(before[key])) for key in keys]


def _within(old: Items, new: Items, whole: tuple[Pair, Pair]) -> Iterator[Pair]:
    """Pair the parts within a whole, and then those within each of those: a thousand deep, say."""
    levels = [_level(old, new, whole, 0)]
    while levels:
        for mine, yours, is_leaf in levels[-1]:
            if is_leaf:
                yield mine[0], yours[0]
            else:
                levels.append(_level(old, new, (mine, yours), len(levels)))
                break
        else:
            levels.pop()


def _level(
    old: Items, new: Items, stretches: tuple[Pair, Pair], depth: int
) -> Iterator[tuple[Pair, Pair, bool]]:
    """Return the pairs of stretches that two stretches consist of, and which of them are items."""
    olds, news = _parts(old, stretches[0], depth), _parts(new, stretches[1], depth)
    for i, j in _matched(olds, news):
        a, b = olds[i], news[j]
        leaves = [len(x) == depth + 1 for x in (old[a.start].steps, new[b.start].steps)]
        if all(leaves) or not any(leaves):
            yield (a.start, a.stop), (b.start, b.stop), all(leaves)


def _parts(items: Items, stretch: Pair, depth: int) -> list[_Part]:
    parts, start = [], stretch[0]
    steps = (items[i].steps for i in range(*stretch))
    for name, group in groupby(steps, key=lambda names: names[depth] if len(names) > depth else ""):
        stop = start + sum(1 for _ in group)
        content = hash(tuple([item.content for item in items[start:stop]]))
        structure = hash(tuple([item.kind for item in items[start:stop]]))
        word = name.rstrip("0123456789")
        parts.append(_Part(name, word, start, stop, content, structure))
        start = stop
    return parts


def _matched(old: list[_Part], new: list[_Part]) -> list[Pair]:
    """Pair parts in order: first what is the same from both ends, then the best of the rest."""
    shorter = min(len(old), len(new))
    head = next((i for i in range(shorter) if not _same(old[i], new[i])), shorter)
    rest = shorter - head
    tail = next((i for i in range(rest) if not _same(old[-1 - i], new[-1 - i])), rest)
    middle = _best(old[head : len(old) - tail], new[head : len(new) - tail])
    return [
        *((i, i) for i in range(head)),
        *((head + i, head + j) for i, j in middle),
        *((len(old) - i, len(new) - i) for i in range(tail, 0, -1)),
    ]


def _same(a: _Part, b: _Part) -> bool:
    return a.content == b.content and a.name == b.name


def _likeness(a: _Part, b: _Part) -> int:
    """Weigh a pair, by the items in it: a part counts for more than a layer.

    Where the content is the same a name only breaks ties: its number may shift.
    """
    if a.content == b.content:
        return 8 * _WEIGHT * a.size + (a.name == b.name)
    known = 2 * (a.structure == b.structure) + 2 * (a.name == b.name) + (a.word == b.word)
    return known * _WEIGHT * min(a.size, b.size)


def _best(old: list[_Part], new: list[_Part]) -> list[Pair]:
    """Return the pairs of the most likeness in all, none crossing another.

    The longer the lists, the less a part may move. A narrow table comes first: pairs beyond it
    leave so many parts without a partner that they often cannot come to what is reached within.
    """
    if not old or not new:
        return []
    shift, widest = len(new) - len(old), _MOST_CELLS // len(old) // 2
    if (abs(shift) + 2 * widest) * len(old) > 2 * _MOST_CELLS:
        return _chain(*[[part.name for part in parts] for parts in (old, new)])
    most, slack = sorted(_most(old, new)), min(_SLACK, widest)
    while True:
        rows = _table(old, new, max(0, -shift) + slack, max(0, shift) + slack)
        beyond = sum(most[max(0, -shift) + slack + 1 :])
        if slack == widest or rows[0][0] >= beyond:
            return _traced(old, new, rows)
        slack = min(4 * slack, widest)


def _most(old: list[_Part], new: list[_Part]) -> Iterator[int]:
    """Return what the likeness of each part to any of the new is at most."""
    contents, structures = {part.content for part in new}, {part.structure for part in new}
    names, words = {part.name for part in new}, {part.word for part in new}
    largest = max(part.size for part in new)
    for part in old:
        if part.content in contents:
            yield 8 * _WEIGHT * part.size + 1
        else:
            known = 2 * (part.structure in structures) + 2 * (part.name in names)
            yield (known + (part.word in words)) * _WEIGHT * min(part.size, largest)


def _table(old: list[_Part], new: list[_Part], below: int, above: int) -> list[dict[int, int]]:
    """Return the likeness that can be had from each pair on, near the diagonal, by row."""
    after: dict[int, int] = {}
    rows: list[dict[int, int]] = [after]
    for i in range(len(old) - 1, -1, -1):
        row: dict[int, int] = {}
        a = old[i]
        for j in range(min(len(new), i + above + 1) - 1, max(0, i - below) - 1, -1):
            likeness = _likeness(a, new[j])
            paired = likeness + after.get(j + 1, 0) if likeness else 0
            row[j] = max(paired, after.get(j, 0), row.get(j + 1, 0))
        rows.append(row)
        after = row
    rows.reverse()
    return rows


def _traced(old: list[_Part], new: list[_Part], rows: list[dict[int, int]]) -> list[Pair]:
    pairs, i, j = [], 0, 0
    while i < len(old) and j < len(new):
        best, after = rows[i].get(j, 0), rows[i + 1]
        likeness = _likeness(old[i], new[j])
        if likeness and best == likeness + after.get(j + 1, 0):
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif best == after.get(j, 0):
            i += 1
        else:
            j += 1
    return pairs


def _chain(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[Pair]:
    """Return the longest list of pairs of equal keys, in order of both; `new` has none twice."""
    at = {key: j for j, key in enumerate(new)}
    ends: list[int] = []
    chains: list[tuple[int, int, int]] = []
    lasts: list[int] = []
    for i, key in enumerate(old):
        j = at.get(key)
        if j is not None:
            length = bisect_left(ends, j)
            chains.append((i, j, lasts[length - 1] if length else -1))
            ends[length : length + 1] = [j]
            lasts[length : length + 1] = [len(chains) - 1]
    pairs, link = [], lasts[-1] if lasts else -1
    while link >= 0:
        i, j, link = chains[link]
        pairs.append((i, j))
    return pairs[::-1]
