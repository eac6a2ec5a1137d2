"""What a verification says: that all agree, or where they differ, and of how much no more."""

from bncalc.render.verification import verification_view
from bncalc.writers.verification import Mismatch, Verification


def test_layers_that_agree_are_one_sentence() -> None:
    table = verification_view(Verification("net", "PyTorch", 3, (), notes=("a note",)))
    assert (table.title, table.rows, table.notes) == (
        "net agrees with PyTorch in all 3 layers", (), ("a note",),
    )  # fmt: skip
    table = verification_view(Verification("net", "PyTorch", 1, ()))
    assert table.title == "net agrees with PyTorch in the one layer compared"


def test_twenty_differences_are_shown_and_the_others_counted() -> None:
    values = [(1_000, 2), ((3, 8, 8), None), (0, "conv"), *[(n, n + 1) for n in range(20)]]
    mismatches = [Mismatch(f"layer{n}", "params", *pair) for n, pair in enumerate(values)]
    table = verification_view(Verification("net", "PyTorch", 30, tuple(mismatches)))
    assert table.title == "net and PyTorch differ in 23 layers; 30 were compared"
    assert [[cell.value for cell in row.cells] for row in table.rows[:3]] == [
        ["layer0", "params", "1,000", "2"],
        ["layer1", "params", "3×8×8", "–"],
        ["layer2", "params", "0", "conv"],
    ]
    assert (len(table.rows), table.notes) == (20, ("3 more differences not shown",))
    shorter = verification_view(Verification("net", "PyTorch", 30, tuple(mismatches[:20])))
    assert (len(shorter.rows), shorter.notes) == (20, ())
    longer = verification_view(
        Verification("net", "a_name_of_17_signs"[:17], 30, tuple(mismatches))
    )
    for view, titles in ((table, ["net", "PyTorch"]), (longer, ["first", "second"])):
        assert [column.title for column in view.columns[-2:]] == titles


def test_what_follows_is_counted_and_shown_only_where_nothing_else_differs() -> None:
    follows = [Mismatch(f"layer{n}", "macs", 1, 2, follows=True) for n in range(3)]
    own = Mismatch("stem", "stride", 1, 2, there="features/0")
    table = verification_view(Verification("net", "other", 30, (own, *follows)))
    assert table.title == "net and other differ in 1 layer; 30 were compared"
    assert [[cell.value for cell in row.cells] for row in table.rows] == [
        ["stem", "features/0", "stride", "1", "2"]
    ]
    said = "numbers of 3 further layers differ only because their inputs do"
    assert table.notes == (said,)
    table = verification_view(Verification("net", "other", 30, tuple(follows)))
    assert (len(table.rows), table.notes) == (3, ())
