"""Variables: chains of them are long, circles are shown, and one mistake is one message."""

import pytest
from tests.rows import each_of
from tests.texts import Texts
from tests.work import calls

import bncalc
from bncalc.language.model import LanguageFile
from bncalc.language.source import read
from bncalc.model.reading import Request
from bncalc.opening.model import open_model


def opened(variables: list[str], out: str) -> list[str]:
    """Return the problems of a file with these variables."""
    lines = ["input: [3, 8, 8]", "vars:", *(f"  {line}" for line in variables)]
    text = "\n".join([*lines, f"layers: [{{conv: {{out: ={out}}}}}]", ""])
    try:
        open_model("f.yaml", files=Texts({"f.yaml": text}))
    except bncalc.SpecError as error:
        return [str(problem) for problem in error.problems]
    return []


def test_a_setting_that_is_no_variable_has_one_like_it_named() -> None:
    def said(inputs: str, name: str) -> str:
        text = f"{inputs}\nvars: {{width: 8}}\nlayers: [relu]\n"
        with pytest.raises(bncalc.UsageError) as raised:
            open_model(f"f.yaml@{name}=3", files=Texts({"f.yaml": text}))
        return str(raised.value)

    assert said("input: [3, 8, 8]", "widht").endswith(
        "no variable 'widht' to set (did you mean 'width'?)"
    )
    assert said("input: [3, 8, 8]", "inn").endswith("no variable 'inn' to set; there is only width")
    named = said("inputs: {left: [3, 8, 8], right: [3, 8, 8]}", "rihgt")
    assert named.endswith("no variable 'rihgt' to set (did you mean 'right'?)")


def chain(length: int) -> list[str]:
    return ["v0: 1", *(f"v{k}: =v{k - 1} + 1" for k in range(1, length))]


@pytest.mark.parametrize("turned", [False, True])
def test_a_thousand_variables_may_use_each_other(turned: bool) -> None:
    lines = chain(1000)
    assert opened(lines[::-1] if turned else lines, "v999") == []


@pytest.mark.parametrize("turned", [False, True])
def test_a_longer_chain_is_refused_at_its_place_in_any_order(turned: bool) -> None:
    lines = chain(1100)
    (problem,) = opened(lines[::-1] if turned else lines, "v1099")
    line = 3 + (1099 - 1000 if turned else 1000)
    assert problem == f"f.yaml:{line}:10: error: the vars use each other more than 1,000 deep"


def test_a_chain_is_as_long_as_the_longest_of_what_it_uses() -> None:
    (problem,) = opened([*chain(1000), "x: =v0 + v999"], "x")
    assert problem == "f.yaml:1003:6: error: the vars use each other more than 1,000 deep"


def test_what_is_set_by_a_variant_or_a_call_is_in_place_of_the_var() -> None:
    text = (
        "input: [3, 8, 8]\nvars: {a: 1, b: =a+1, c: 5}\nvariants: {large: {a: 3, c: =b}}\n"
        "layers: [{conv: {out: =a}}, {conv: {out: =b}}, {conv: {out: =c}}]\n"
    )
    files = Texts({"f.yaml": text})
    outs = {
        name: [node.output.channels for node in open_model(name, files=files).graphs[0].nodes[1:]]
        for name in ("f.yaml#large", "f.yaml#large@a=7", "f.yaml@b=9")
    }
    assert list(outs.values()) == [[3, 4, 4], [7, 8, 8], [1, 9, 5]]


def test_a_circle_is_shown_once() -> None:
    circle = [f"a{k}: =a{(k + 1) % 3}" for k in range(3)]
    assert opened(circle, "a0") == [
        "f.yaml:3:7: error: vars use each other in a circle: a0 → a1 → a2 → a0"
    ]


@each_of(
    [
        (7, "a0 → a1 → a2 → a3 → a4 → a5 → a6 → a0"),
        (8, "a0 → a1 → a2 → a3 → a4 → a5 → … → a7 → a0"),
        (2000, "a0 → a1 → a2 → a3 → a4 → a5 → … → a1999 → a0"),
    ],
)
def test_a_long_circle_is_shortened(length: int, shown: str) -> None:
    (problem,) = opened([f"a{k}: =a{(k + 1) % length}" for k in range(length)], "a6")
    assert problem.endswith(f"in a circle: {shown}")


def test_what_rests_on_a_broken_variable_is_not_said_besides() -> None:
    assert opened(["a: =1/0", "b: =a", "c: =b + 1"], "c") == [
        "f.yaml:3:8: error: division by zero: 1 / 0"
    ]


def test_many_variables_are_worked_out_by_work_that_grows_with_them() -> None:
    def work(count: int) -> int:
        lines = [f"v{k}: =1 + {k}" for k in range(count)]
        return calls(lambda: problems.extend(opened(lines, "v0")))

    problems: list[str] = []
    assert work(1200) < 5 * work(300)
    assert problems == []


def test_values_of_a_file_are_those_of_one_without_mistakes() -> None:
    def values(layer: str) -> object:
        text = f"input: [3, 8, 8]\nvars: {{n: =2*4}}\nlayers: [{layer}]\n"
        return LanguageFile.read("f.yaml", lambda path: read(text, path)).values(Request("f"))

    assert values("{conv: {out: =n}}") == ({"n": 8}, (3, 8, 8))
    with pytest.raises(bncalc.SpecError, match="unknown block or op 'convv'"):
        values("{convv: {out: =n}}")
