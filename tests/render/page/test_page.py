"""The page: one file, whole without its script, that loads nothing and runs nothing but its own."""

import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path

from tests import shipped
from tests.program import run
from tests.rows import each_of

import bncalc
from bncalc.analysis.comparison import compare
from bncalc.analysis.measurement import measure
from bncalc.model.net import Net
from bncalc.model.shape import Shape
from bncalc.render.page.page import PageContent, page
from bncalc.render.page.tree import Branch, tree

VOID = ("meta", "input", "link", "br", "img")


class Reader(HTMLParser):
    """Reads a page; every element must be closed by the one that opened it."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.words = ""
        self.inline: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in ("script", "style"):
            self.inline[self.open[-1]] = data
        else:
            self.words += data


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    reader.close()
    assert not reader.open
    return reader


def of(name: str) -> str:
    return page(PageContent(compare((shipped.report(name),), name)))


def test_every_number_of_a_network_is_there_without_the_script() -> None:
    reader = read(of("resnet18"))
    report = shipped.report("resnet18")
    for layer in report.layers:
        assert f"{layer.cost.macs:,}" in reader.words
    assert f"{report.totals.params:,}" in reader.words
    assert {tag for tag, name, _ in reader.attributes if name == "hidden"} == {"button"}


def test_a_page_of_one_network_is_headed_by_it_and_of_several_by_how_many() -> None:
    small, large = shipped.report("resnet18"), shipped.report("resnet34")
    alone, both = (
        page(PageContent(compare(reports, "resnet18"))) for reports in ((small,), (small, large))
    )
    assert "<h1>resnet18</h1><p>3×224×224 → 1000×1×1; batch 1" in alone
    assert "<h1>2 designs</h1><p>batch 1" in both
    assert ("Side by side" in alone, "Side by side" in both) == (False, True)
    assert '<th scope="row" class="depth0">resnet34</th><td class="number">' in both


def test_a_page_says_where_the_peak_is_and_how_many_copies_a_row_holds() -> None:
    net = Net(Shape(3, 8, 8))
    x = net.conv(net.input, 4, 3)
    with net.part("stage", "stage"):
        for name in ("0", "1"):
            with net.part("block", name):
                x = net.conv(x, 4, 3)
    report = measure(net.graph("net"))
    html = page(PageContent(compare((report,), report.name)))
    assert "<dd>at stage/0/conv</dd>" in html  # 4 + 4 channels are live, before it 3 + 4
    assert "0 to 1 block ×2" in read(html).words
    assert ">conv<small> conv</small></th><td>4×8×8</td>" in html
    depths = re.findall(r'data-depth="(\d)" data-path="([^"]+)"', html)
    assert depths == [("0", "conv"), ("0", "stage"), ("1", "stage/0"), ("2", "stage/0/conv")]


def test_what_training_takes_has_a_card_where_it_is_asked_for() -> None:
    conv, assumed = bncalc.block("conv", (8, 4, 4), out=8), bncalc.Assumptions(batch=2)
    cards = [
        re.findall(
            "<dt>training memory</dt>(<dd>.*?)</div>", page(PageContent(compare((x,), "conv")))
        )
        for x in (measure(conv, assumed, ["training"]), measure(conv, assumed))
    ]
    # 576 weights, gradients and momenta, and 2·128 numbers of the input, of 4 bytes each
    assert 4 * (3 * 576 + 2 * 128) == 7.75 * 1024
    assert cards == [["<dd>7.75 KiB</dd><dd>momentum, batch 2</dd>"], []]


def test_a_drawing_can_be_scrolled_by_keys_and_a_ratio_stands_beside_its_number() -> None:
    html = of("mlperf_tiny_ic")
    assert html.count("<figure ") == html.count('<figure tabindex="0">') > 0
    small, large = (measure(bncalc.block("conv", (8, 4, 4), out=out)) for out in (8, 16))
    compared = page(PageContent(compare((small, large._replace(name="large")), small.name)))
    assert "1,152 <small>2.00×</small>" in compared


def test_only_its_own_style_and_script_may_run() -> None:
    reader = read(of("mlperf_tiny_ic"))
    policy = next(value for _, name, value in reader.attributes if name == "content")
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    for tag in ("style", "script"):
        digest = b64encode(sha256(reader.inline[tag].encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
        assert reader.tags.count(tag) == 1
    assert not [
        name for _, name, _ in reader.attributes if name.startswith("on") or name == "style"
    ]


def test_nothing_is_fetched() -> None:
    html = of("mlperf_tiny_ic")
    reader = read(html)
    assert not {"src", "href", "srcset", "action"} & {name for _, name, _ in reader.attributes}
    without_names = html.replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"https?:|url\(|@import|fetch\(|XMLHttp|import\(", without_names)


def test_names_of_the_users_are_text() -> None:
    net = Net(Shape(3, 8, 8))
    with net.part("stage", '</script><script>alert(1)</script>"'):
        net.conv(net.input, 4, 3)
    report = measure(net.graph("<img src=x onerror=alert(1)>"))
    reader = read(page(PageContent(compare((report,), report.name))))
    assert reader.tags.count("script") == 1
    assert "img" not in reader.tags


def test_equal_copies_are_folded_into_one_row_that_counts_them() -> None:
    stage = next(branch for branch in tree(shipped.report("resnet50")) if branch.name == "stage3")
    assert [(branch.name, branch.copies) for branch in stage.within] == [("0", 1), ("1 to 5", 5)]
    folded = stage.within[1]
    assert folded.stop - folded.start == 5 * (folded.within[-1].stop - folded.within[0].start)


@each_of(["resnet50", "googlenet", "yolov5n", "densenet121"])
def test_the_rows_of_a_tree_hold_every_layer_once(name: str) -> None:
    report = shipped.report(name)

    def covered(branches: tuple[Branch, ...]) -> list[int]:
        return [i for branch in branches for i in range(branch.start, branch.stop)]

    assert covered(tree(report)) == list(range(len(report.layers)))


@each_of(
    [("mlperf_tiny_ic", 60_000), ("resnet50", 200_000), ("densenet264", 1_000_000)],
)
def test_pages_are_small(name: str, most: int, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    assert run("report", name, "-o", str(path)).returncode == 0
    assert path.stat().st_size <= most


def test_the_same_numbers_give_the_same_page(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("first.html", "second.html")]
    assert [run("report", "resnet50", "-o", str(path)).returncode for path in paths] == [0, 0]
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_a_page_shows_what_changed_and_what_budgets_say(tmp_path: Path) -> None:
    budget = tmp_path / "bncalc.budget.yaml"
    budget.write_text(
        "version: 1\nbudgets:\n  - {name: b, models: resnet18, limits: {params: 1M}}\n"
    )
    path = tmp_path / "page.html"
    done = run(
        *("report", "resnet34", "--diff", "resnet18", "--budget", str(budget), "-o", str(path))
    )
    assert done.returncode == 0, done.stderr
    reader = read(path.read_text(encoding="utf-8"))
    assert "What changed" in reader.words
    assert "exceeds limit 1,000,000" in reader.words


def test_of_a_budget_the_models_that_break_it_are_shown(tmp_path: Path) -> None:
    budget = tmp_path / "bncalc.budget.yaml"
    budget.write_text(
        "version: 1\nbudgets:\n"
        "  - {name: b, models: [resnet18, mlperf_tiny_ic], limits: {params: 1M}}\n"
    )
    path = tmp_path / "page.html"
    done = run("report", "--budget", str(budget), "-o", str(path))
    assert done.returncode == 0, done.stderr
    reader = read(path.read_text(encoding="utf-8"))
    assert "resnet18: totals" in reader.words
    assert "mlperf_tiny_ic: totals" not in reader.words  # it keeps its budget
    assert "2 checks: how much of its limit is used" in reader.words
    assert "What changed" not in reader.words
    done = run("report", "-o", str(path))
    assert (done.returncode, "name a model, or give only --budget" in done.stderr) == (2, True)


def test_a_page_is_html_and_several_models_have_no_one_difference(tmp_path: Path) -> None:
    done = run("report", "resnet18", "-o", "page.pdf")
    assert (done.returncode, "a page is an .html file" in done.stderr) == (2, True)
    path = str(tmp_path / "page.html")
    done = run("report", "resnet18", "resnet34", "--diff", "resnet50", "-o", path)
    assert (done.returncode, "2 are named" in done.stderr) == (2, True)
