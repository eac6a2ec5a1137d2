"""Patterns for paths, and what a list of them chooses."""

from hypothesis import given
from hypothesis import strategies as st
from tests.rows import each_of

from bncalc.budget.coverage import Cover
from bncalc.budget.pattern import chosen, pattern
from bncalc.errors import Location

PLACE = Location("b.yaml", 1, 1)


@each_of(
    [
        ("models/a.yaml", ["models/a.yaml"], ["models/a_yaml", "a.yaml"]),
        ("./models/a.yaml", ["models/a.yaml"], []),
        ("models/*.yaml", ["models/a.yaml", "models/.yaml"], ["models/b/a.yaml", "a.yaml"]),
        ("models/**", ["models/a", "models/a/b"], ["models", "models/", "a"]),
        ("**/a", ["a", "x/a", "x/y/a"], ["xa", "a/b"]),
        ("a/**/b", ["a/b", "a/x/b", "a/x/y/b"], ["ab", "a/xb"]),
        ("**", ["a", "a/b"], [""]),
        ("stage?/conv", ["stage1/conv"], ["stage10/conv", "stage//conv"]),
        ("a**b", ["ab", "axb"], ["a/b"]),
        ("conv.norm", ["conv.norm"], ["convxnorm"]),
        ("[ab]", ["[ab]"], ["a"]),
    ]
)
def test_a_pattern_matches_whole_paths(text: str, yes: list[str], no: list[str]) -> None:
    paths = pattern(text, PLACE)
    assert [path for path in yes if not paths.matches(path)] == []
    assert [path for path in no if paths.matches(path)] == []


@each_of(
    [
        ([], "abc"),
        (["a"], "a"),
        (["a", "b"], "ab"),
        (["!a"], "bc"),
        (["*", "!a"], "bc"),
        (["*", "!a", "a"], "abc"),
        (["!*", "c"], "c"),
        (["a", "!*"], ""),
    ]
)
def test_the_last_pattern_that_matches_decides(texts: list[str], paths: str) -> None:
    patterns = [pattern(text, PLACE) for text in texts]
    assert [path for path in "abc" if chosen(patterns, path)] == list(paths)


@given(
    st.text(alphabet="ab/*?.[]!{\\", min_size=1, max_size=12), st.text(alphabet="ab/.", max_size=8)
)
def test_any_text_is_a_pattern_and_one_without_stars_is_a_path(text: str, path: str) -> None:
    if text not in ("!", "./", "!./"):
        read = pattern(text, PLACE)
        assert read.matches(path) is (path == read.text) or read.is_magic
        assert read.matches(read.text) or read.is_magic


def test_what_is_hidden_needs_no_budget_unless_it_is_named() -> None:
    files = ["models/a.yaml", "models/.old/a.yaml", ".cache/a.yaml"]
    everything = Cover([pattern("**/*.yaml", PLACE)], "")
    assert [file for file in files if everything.file(file)] == files[:1]
    assert Cover([pattern(".cache/*.yaml", PLACE)], "").file(files[2])
