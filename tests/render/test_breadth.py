"""Texts are measured, folded and cut by the room that they take on a screen."""

from rich.cells import cell_len
from tests.rows import each_of

from bncalc.render.breadth import breadth, broadest_word, cut, folded


@each_of(["", "conv1", "3×3 → 7·7 … █▍ ≥ µs", "卷积", "e\u0301", "🙂a", "한글", "⚡⌚"])
def test_breadth_is_that_of_a_terminal(text: str) -> None:
    assert breadth(text) == cell_len(text)


def test_every_letter_of_the_common_planes_is_as_wide_as_rich_says() -> None:
    known = [
        chr(code) for code in (*range(0x20, 0x2FF), *range(0x3040, 0x30FF), *range(0x4E00, 0x9FFF))
    ]
    assert [breadth(c) for c in known if c.isprintable()] == [
        cell_len(c) for c in known if c.isprintable()
    ]


@each_of(
    [
        ("out 256 → 512", 9, ["out 256 →", "512"]),
        ("weights 44.63 MiB + 3 s", 13, ["weights", "44.63 MiB +", "3 s"]),
        ("a growth of 12.4 % more", 16, ["a growth of", "12.4 % more"]),
        ("https://example.org/a", 9, ["https://e", "xample.or", "g/a"]),
        ("卷积网络", 5, ["卷积", "网络"]),
        ("卷积", 1, ["卷", "积"]),
        ("", 5, [""]),
        ("  two", 5, ["  two"]),
    ]
)
def test_texts_fold_at_words(text: str, room: int, lines: list[str]) -> None:
    assert folded(text, room) == lines


def test_a_number_stays_with_its_unit_when_a_column_shrinks() -> None:
    assert broadest_word("a 44.63 MiB b") == len("44.63 MiB")


@each_of(
    [
        ("stage3/0/conv2", 14, "stage3/0/conv2"),
        ("stage3/0/conv2", 10, "…/0/conv2"),
        ("stage3/0/conv2", 8, "…/conv2"),
        ("a_name_without_slash", 8, "…t_slash"),
        ("a/long_name/b", 8, "…_name/b"),  # from the slash on it would be less than half
        ("网络/卷积", 6, "…/卷积"),
    ]
)
def test_names_are_cut_from_the_left(name: str, room: int, shown: str) -> None:
    assert cut(name, room) == shown
