"""Which part is which: as many as can be are the same, by the longest common subsequence."""

from collections.abc import Sequence

from tests.rows import each_of

from bncalc.analysis.alignment import Item, align


def longest(old: Sequence[str], new: Sequence[str]) -> int:
    """Return the length of the longest common subsequence."""
    row = [0] * (len(new) + 1)
    for a in old:
        before = row
        row = [0]
        for j, b in enumerate(new):
            row.append(before[j] + 1 if a == b else max(before[j + 1], row[j]))
    return row[-1]


FORTY = [f"layer{i}_" for i in range(40)]
OTHERS = [f"other{i}_" for i in range(42)]


@each_of(
    [
        FORTY[12:] + FORTY[:12],
        FORTY[20:] + OTHERS[:9] + FORTY[:20],
        OTHERS[:20] + FORTY[:30],
        FORTY[:3] + FORTY[33:],
        FORTY[25:35] + FORTY[:5],
        # eight lie near their old places, and twenty others further away
        FORTY[20:] + OTHERS[:10] + FORTY[:8] + OTHERS[10:],
    ],
    ids=("moved", "swapped", "moved by others", "removed", "removed and moved", "few are near"),
)
def test_as_many_parts_as_can_be_are_kept_however_far_they_moved(new: Sequence[str]) -> None:
    """Further layers after the part make it the old side that has more of them."""
    for further in (0, 99):
        sides = [
            [Item(("part", name), name, name) for name in names]
            + [Item((f"{what}{i}_",), f"{what}{i}", what) for i in range(count)]
            for what, names, count in (("a", FORTY, 0), ("b", new, further))
        ]
        pairs = align(*sides)
        assert len(pairs) == longest(FORTY, new)
        assert all(sides[0][i] == sides[1][j] for i, j in pairs)


def test_words_alone_are_kept_however_far_they_moved() -> None:
    """Every part has another number, content and kind: 28 of 40 are in order, 12 steps away."""
    sides = [
        [Item((f"{word}{side}",), f"{word}{side}", f"{word}{side}") for word in words]
        for side, words in enumerate((FORTY, FORTY[12:] + FORTY[:12]))
    ]
    assert align(*sides) == [(i, i - 12) for i in range(12, 40)]


def test_what_is_left_before_the_first_pair_is_paired_by_what_it_is() -> None:
    """A layer and a part of one layer are no pair of the tree, and are the same."""
    last = Item(("last",), "linear", "linear")
    old, new = (Item(steps, "conv", "conv") for steps in (("first",), ("part", "first")))
    assert align([old, last], [new, last]) == [(1, 1)]
    assert align([old, last], [new, last], renamed=True) == [(0, 0), (1, 1)]
