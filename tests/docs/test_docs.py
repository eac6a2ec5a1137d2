"""The documents say what is so: examples run, made pages are current, links lead somewhere."""

import doctest
import re
from importlib import import_module
from pathlib import Path

import pytest
from tests.docs.walk import ROOT, fenced, held
from tests.program import run
from tests.rows import each_of

import bncalc
from bncalc.analysis.assumptions import DTYPES, Assumptions
from bncalc.analysis.conventions import CONVENTIONS
from bncalc.analysis.metric import limitable
from bncalc.analysis.roofline import roofline
from bncalc.budget.reader import decode_budgets
from bncalc.budget.verdict import RULES
from bncalc.language.device import open_device
from bncalc.language.source import read
from bncalc.model.registry import BLOCKS, OPS

INDEX = ROOT / "src/bncalc/zoo/index.csv"
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])


@each_of(fenced("docs/language.md", "yaml"))
def test_every_example_of_the_language_is_a_file(example: str, tmp_path: Path) -> None:
    path = tmp_path / "example.yaml"
    path.write_text(example)
    for graph in bncalc.load(str(path)):
        assert bncalc.measure(graph).totals.macs > 0


def test_the_example_of_a_budget_is_a_budget_file() -> None:
    (example,) = fenced("docs/budgets.md", "yaml")
    assert len(decode_budgets(read(example, "docs/budgets.md")).budgets) == 2


def test_the_rules_of_budgets_are_documented() -> None:
    text = (ROOT / "docs/budgets.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (BN\d+) \| (.+?) \| (.+?) \|$", text, re.M)
    assert rows == [tuple(rule) for rule in RULES.values()]
    assert all(f"`{name}`" in text for name in [metric.word for metric in limitable()])


@pytest.mark.parametrize(("page", "least"), [("docs/notebook.md", 31), ("docs/searching.md", 7)])
def test_a_session_says_what_its_page_says(
    page: str, least: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    session = "\n".join(fenced(page, "pycon"))
    test = doctest.DocTestParser().get_doctest(session, {}, page, page, 0)
    said: list[str] = []
    failed, tried = doctest.DocTestRunner(verbose=False).run(test, out=said.append)
    assert failed == 0, "".join(said)
    assert tried >= least


def test_the_readme_shows_what_python_can_do(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (example,) = fenced("README.md", "python")
    monkeypatch.chdir(ROOT)
    exec(compile(example, "README.md", "exec"), {})
    lines = capsys.readouterr().out.splitlines()
    training = 102_440_608 + 102_228_128 * (1 + 2) + 32 * 85_909_504 + 212_480
    assert lines[:3] == ["25557032 4089184256", str(training), "69632"]
    assert lines[3].startswith("configs/resnet256.yaml:")


def test_the_readme_names_every_public_name() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    listed = re.search(r"The public names: (.*?)\.\n", text, re.S)
    assert listed
    assert re.findall(r"`(\w+)`", listed[1]) == bncalc.__all__
    assert all(getattr(bncalc, name) for name in bncalc.__all__)


def calls_of_the_readme() -> list[str]:
    """Return those whose whole answer no page and no transcript holds."""
    calls = "".join(fenced("README.md", "console")).splitlines()
    return [call for call in calls if call not in held()]


@pytest.mark.parametrize("call", calls_of_the_readme())
def test_every_call_of_the_readme_works(call: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    done = run(*call.removeprefix("$ bncalc ").split())
    assert done.returncode == 0, done.stderr


@each_of(
    [
        ("a100", "float16", 64),
        ("exynos_2400_npu", "int8", 1),
        ("ryzen_7840u", "float32", 1),
        ("raspberry_pi_5", "float32", 1),
        ("stm32f746", "int8", 1),
    ]
)
def test_the_shares_of_depthwise_convolutions(device: str, dtype: str, batch: int) -> None:
    report = bncalc.measure(bncalc.load("mobilenet_v1")[0], Assumptions(batch, dtype))
    bound_read = roofline(report, open_device(device, DTYPES))
    pairs = list(zip(report.layers, bound_read.bounds, strict=True))
    depthwise = [(layer, bound) for layer, bound in pairs if layer.path.endswith("/depthwise")]
    macs = sum(layer.cost.macs for layer, _ in depthwise) / report.totals.macs
    time = sum(bound.seconds for _, bound in depthwise if bound) / bound_read.seconds
    pattern = rf"^\| {device}, {dtype}.* \| {100 * macs:.1f} % \| {100 * time:.1f} % \|$"
    assert re.search(pattern, (ROOT / "docs/roofline.md").read_text(encoding="utf-8"), re.M)


def test_the_example_of_a_device_is_one(tmp_path: Path) -> None:
    (example,) = fenced("docs/roofline.md", "yaml")
    path = tmp_path / "my.yaml"
    path.write_text(example)
    assert open_device(str(path), DTYPES).peak == {"float32": 8 * 10**9, "int8": 32 * 10**9}


def test_what_is_made_from_the_code_is_current(monkeypatch: pytest.MonkeyPatch) -> None:
    """All but the index of the networks: tests/zoo holds its names, its figures and its order."""
    monkeypatch.syspath_prepend(ROOT / "docs")
    made: dict[Path, str] = import_module("make").pages(INDEX.read_text(encoding="utf-8"))
    stale = [path for path, text in made.items() if path.read_text(encoding="utf-8") != text]
    assert stale == [], "run docs/make.py"


@each_of(PAGES, ids=[page.name for page in PAGES])
def test_links_lead_to_files(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


def test_every_convention_has_its_row_in_the_table_of_its_page() -> None:
    table = (ROOT / "docs/conventions.md").read_text(encoding="utf-8").partition("|---")[2]
    rows = re.findall(r"^\| ([\w-]+) \|", table.partition("\n\n")[0], re.M)
    assert rows == list(CONVENTIONS)


def test_every_word_has_its_place_in_the_reference() -> None:
    for page, words in (("ops", OPS), ("blocks", BLOCKS)):
        text = (ROOT / f"docs/reference/{page}.md").read_text(encoding="utf-8")
        assert re.findall(r"^## (\w+)$", text, re.M) == list(words)
