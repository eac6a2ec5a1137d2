"""Hostile names: a network, a space and a budget full of them, in every command and every format.

Each answer must be harmless to what reads it: a terminal, a CI log, a spreadsheet, a comment on a
pull request, a browser, LaTeX, Python and ourselves.
"""

import ast
import csv
import io
import json
import random
import re
import unicodedata
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import yaml
from tests.program import run

TEXTS = (
    "\x1b[31m",
    "\x07",
    "\n::error::x",
    "::error::x",
    "##[error]x",
    "\u202e",
    "\x00",
    "\ud800",
    "=1+1",
    "+1",
    "-1",
    "@user",
    "<img src=x>",
    "]]></style></script>--><img src=x>",
    '"""+print(7)+"""',
    "'+print(7)+'",
    "\\input{x}",
    "a|b`c",
    "#5 https://a.b",
    "卷",
)
_TABLES = ("table", "csv", "json", "markdown", "latex")
_VERDICTS = ("text", "concise", "github", "gitlab", "json", "junit", "markdown", "sarif")
_CHARTS = ("parts", "memory", "bars", "scatter", "histogram", "block", "field")
_CHIP = ("--device", "stm32f746")


def _calls() -> list[list[str]]:
    """Return the calls of which each case makes one; NET, SPACE, BUDGET and JOIN are files."""
    in_tables = (
        ["show", "NET", "--columns", "kernel,params,rf"],
        ["compare", "NET", "resnet18"],
        ["compare", "NET", *_CHIP],
        ["memory", "NET"],
        ["memory", "NET", *_CHIP],
        ["conventions", "NET"],
        ["diff", "NET", "resnet18"],
        ["diff", "OLD", "NET"],
        ["sweep", "NET", "--vary", "k=1:3"],
        ["sweep", "NET", "--vary", "k=1:3", "--join", "JOIN"],
        ["sweep", "SPACE"],
        ["sweep", "NET", "--vary", "k=1:3", "--quantiles"],
        ["fit", "NET", "--vary", "k=1:9", "--max", "params=300"],
        ["sensitivity", "NET"],
    )
    calls = [[*call, "--format", form] for call in in_tables for form in _TABLES]
    calls += [["check", "NET", "--max", "params=1", "--format", form] for form in _VERDICTS]
    calls += [["check", "--budget", "BUDGET", "--format", form] for form in _VERDICTS]
    for form in ("text", "latex", "python", "json"):
        calls.append(["formula", "NET", "--vary", "k", "--format", form])
    for chart in _CHARTS:
        calls += [["plot", chart, "NET", *more] for more in ((), ("--ascii",))]
        calls += [["plot", chart, "NET", "-o", f"{chart}.svg", *_one_metric(chart)]]
    calls += [["plot", "arena", "NET", *_CHIP, *more] for more in ((), ("-o", "arena.svg"))]
    calls += [["plot", "time", "NET", "--device", "a100", *more] for more in ((), ("-o", "t.svg"))]
    for more in ([], ["--plot", "macs,params"], ["--plot", "macs,params", "-o", "s.svg"]):
        calls.append(["sweep", "NET", "--vary", "k=1:3", *more])
    calls += [["export", "NET", "--to", form, "-o", f"out.{form}"] for form in ("yaml", "pytorch")]
    calls += [["budget", "init", "NET", "-o", "init.yaml"], ["budget", "suggest", "BUDGET"]]
    calls += [["report", "NET", "-o", "page.html"], ["verify", "NET", "NET"]]
    calls += [["report", "NET", "--diff", "OLD", "--budget", "BUDGET", "-o", "page.html"]]
    return calls


def _one_metric(chart: str) -> tuple[str, ...]:
    return ("--by", "macs") if chart == "parts" else ()


CALLS = _calls()


def names(rng: random.Random, folder: Path) -> str:
    """Make one call about files whose names and words are hostile."""
    hostile = rng.choice(TEXTS)
    paths = _written(rng, folder, hostile)
    call = [
        str(paths.get(word, folder / word if "." in word else word)) for word in rng.choice(CALLS)
    ]
    done = run(*call, COLUMNS=str(rng.choice((40, 80, 200))))
    said = done.stdout + done.stderr
    case = f"{hostile!r} {call}"
    assert done.returncode in (0, 1, 2), (done.returncode, case)
    assert "internal error" not in said, (said, case)
    form = call[call.index("--format") + 1] if "--format" in call else call[0]
    for name, text in {form: done.stdout, "errors": done.stderr, **_files(call)}.items():
        _harmless(name, text, case)
    return case


_USUAL = {place: place for place in ("name", "what", "own", *"abcde", "budget", "why")}
_USUAL["where"] = "k > 1"
_NET = """name: {name}
description: {what}
input: [3, 8, 8]
vars: {{k: {width}}}
define:
  {own}:
    layers: [{{id: {a}, conv: {{out: 4}}}}, {{id: {b}, relu: {{}}}}]
layers:
  - {{id: {c}, conv: {{out: =2*k}}}}
  - {{{own}: {{}}, id: {d}}}
  - {{bottleneck: {{mid: 2, out: 8}}, id: {e}}}
"""
_SPACE = "model: {net}\nvary: {{k: [1, 2]}}\nwhere: [{where}]\n"
_BUDGET = """version: 1
budgets:
  - {{name: {budget}, models: [{file}], limits: {{params: 1}}, message: {why}}}
"""


def _written(rng: random.Random, folder: Path, hostile: str) -> dict[str, Path]:
    """Write the files of a case; their names bear the text, or one of their words, or all do."""
    in_name = re.sub("[\x00/\ud800]", "", hostile) or "x"
    places = rng.choice([(), ("name", "path"), *((place,) for place in _USUAL), tuple(_USUAL)])
    texts = {
        key: hostile + key * (len(places) > 2) if key in places else usual  # no id twice
        for key, usual in _USUAL.items()
    }
    if re.search("@|https", hostile):
        texts["why"] = "why"  # a team may call people in what it says itself
    end = in_name if not places or "path" in places else ""
    paths = {
        word: folder / f"{word.lower()}{end}.yaml" for word in ("NET", "OLD", "SPACE", "BUDGET")
    }
    words = {"net": str(paths["NET"]), "file": paths["NET"].name, **texts}
    quoted = {key: json.dumps(word, ensure_ascii=key in texts) for key, word in words.items()}
    bodies = {"NET": _NET, "OLD": _NET, "SPACE": _SPACE, "BUDGET": _BUDGET}
    for word, body in bodies.items():
        paths[word].write_text(body.format(width=3 if word == "OLD" else 4, **quoted))
    paths["JOIN"] = folder / f"join{end}.csv"
    heading = in_name.replace("\n", " ")
    paths["JOIN"].write_text(f"k,{heading}\n1,0.5\n2,{rng.choice((0.7, heading))}\n")
    return paths


def _files(call: list[str]) -> dict[str, str]:
    if "-o" not in call:
        return {}
    path = Path(call[call.index("-o") + 1])
    if not path.exists():
        return {}
    text = path.read_text(encoding="utf-8")
    path.unlink()
    return {path.suffix: text}


def _harmless(form: str, text: str, case: str) -> None:
    """Hold a text to what its reader must not find in it."""
    raw = raw_in(text.replace("\u200b", "") if form == "markdown" else text)
    assert not raw, (form, raw, case)
    if form != "github":
        assert not re.search(r"^\s*::", text, re.MULTILINE), (form, text, case)
    if text and form in READERS:
        try:
            READERS[form](text)
        except Exception as error:
            raise AssertionError(f"{form}: {error!r} in {case}: {text}") from error


def raw_in(said: str) -> str:
    """Return the characters that a terminal would obey, or that turn the direction of text."""
    return "".join(c for c in said if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Cs"))


def _read_csv(text: str) -> None:
    for row in csv.reader(io.StringIO(text)):
        for cell in row:
            assert not re.match(r"[=@]|[+-](?![\d.]*$|$)", cell), cell


def _read_markdown(text: str) -> None:
    shown = re.sub("<!--.*?-->", "", text)
    assert not re.search(r"(?<!\w)@user|https://|(?<!\\)[<`](img|c)", shown), text


def _read_latex(text: str) -> None:
    assert "\\input" not in re.sub("^%.*", "", text, flags=re.MULTILINE), text


def _read_python(text: str) -> None:
    called = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)]
    assert not any(node.id == "print" for node in called), text


def _read_svg(text: str) -> None:
    tags = {element.tag.rpartition("}")[2] for element in ElementTree.fromstring(text).iter()}
    assert not tags & {"img", "script", "foreignObject"}, tags


def _read_page(text: str) -> None:
    assert "<img" not in text, text
    assert text.count("<script") == text.count("</script>"), text


READERS: dict[str, Callable[[str], object]] = {
    "csv": _read_csv,
    "json": json.loads,
    "gitlab": json.loads,
    "sarif": json.loads,
    "junit": ElementTree.fromstring,
    "markdown": _read_markdown,
    "latex": _read_latex,
    "python": _read_python,
    ".pytorch": _read_python,
    ".yaml": yaml.safe_load,
    "budget": yaml.safe_load,
    ".svg": _read_svg,
    ".html": _read_page,
}
