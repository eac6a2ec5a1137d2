"""Make what is made from the code: reference pages, schemas, pictures and counts of pages.

python docs/make.py            write them
python docs/make.py --check    fail where one of them is not what the code makes
"""

import io
import json
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from api import api
from budget_schema import schema as budget_schema
from charts import charts
from counts import counts
from language_schema import schema as language_schema
from operations import operations
from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

from bncalc.analysis.comparison import compare
from bncalc.analysis.measurement import measure
from bncalc.analysis.metric import METRICS, limitable
from bncalc.language.decoder import decode
from bncalc.model.fields import Field, describe
from bncalc.model.registry import BLOCKS, OPS, find
from bncalc.opening.model import network, open_model
from bncalc.render import terminal
from bncalc.render.views import comparison_view
from bncalc.zoo import ZOO

ROOT = Path(__file__).parents[1]
WIDTH = 80
"""Columns of the terminal that a picture shows."""
LONG = 85
"""Of more characters the values of a field are told once for a page, and not in each table."""
THEME = TerminalTheme(
    (255, 255, 255),
    (36, 41, 47),
    [
        *((36, 41, 47), (207, 34, 46), (17, 99, 41), (77, 45, 0)),
        *((9, 105, 218), (130, 80, 223), (27, 124, 131), (110, 119, 129)),
    ],
)
# Rich's own template asks a server for a font; this one asks nobody.
SVG = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, Menlo, Consolas, monospace;
 font-size: {char_height}px; line-height: {line_height}px; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal"><rect x="0" y="0" width="{terminal_width}"
 height="{terminal_height}"/></clipPath>
{lines}
</defs>
<rect width="100%" height="100%" rx="8" fill="#ffffff" stroke="#d0d7de"/>
<g transform="translate(16, 16)" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


CALLED = """Most ops also have a field `called`, left out below: how a model calls the op. It
changes only totals of those tools that tell such calls apart: [Conventions](../conventions.md)."""


def reference(title: str, words: dict[str, str]) -> str:
    """Return a reference page: each kind with its docstring, its paper and its fields."""
    kinds = {word: find(word) for word in words}
    long = _long_values(field for kind in kinds.values() for field in kind.fields)
    lines = [f"# {title}", "", "Made from the classes by `docs/make.py`.", ""]
    lines += ["Fields that many kinds have take these values:", ""]
    lines += [f"- **{name}**: {values}" for values, name in long.items()]
    lines += ["", CALLED, ""]
    for word, kind in kinds.items():
        lines += [f"## {word}", ""]
        lines += [line.strip() for line in (kind.__doc__ or "").strip().splitlines()] + [""]
        if kind.paper:
            lines += [kind.paper + ".", ""]
        fields = [field for field in kind.fields if field.name != "called"]
        if fields:
            lines += ["| field | values | default | meaning |", "|---|---|---|---|"]
        for field in fields:
            default = "required" if field.required else describe(field.default)
            values = f"see **{long[str(field.type)]}**" if str(field.type) in long else field.type
            lines.append(f"| `{field.name}` | {values} | {default} | {field.doc} |")
        lines += [""] if fields else []
    return "\n".join(lines).rstrip() + "\n"


def _long_values(fields: Iterable[Field]) -> dict[str, str]:
    """Return the values whose text would fill a table, each with the usual name of its field."""
    names: dict[str, Counter[str]] = {}
    for field in fields:
        if len(str(field.type)) > LONG:
            names.setdefault(str(field.type), Counter())[field.name] += 1
    return {values: counted.most_common(1)[0][0] for values, counted in names.items()}


def metrics() -> str:
    """Return the page of the metrics: their words, their names in JSON, and who takes them."""
    lines = ["# Metrics", "", "Made from the table of metrics by `docs/make.py`.", ""]
    lines += [
        "| word | in JSON | unit | what it is | layers | budgets |",
        "|---|---|---|---|---|---|",
    ]
    limited = limitable()
    for metric in METRICS.values():
        layers = "add up" if metric.layers else "have it" if metric.stretch else ""
        budgets = "yes" if metric in limited else ""
        start = f"| `{metric.word}` | `{metric.key}` | {metric.unit} | {metric.doc} "
        lines.append(f"{start}| {layers} | {budgets} |")
    lines += [
        "",
        "A word and its name in JSON mean the same wherever a metric is named: `--columns`,",
        "`--sort` (if layers have it), `diff --by` (if they add up), `--max`, budget files",
        "(if budgets can limit it), `bncalc.testing`, `comparison.ratio`, `difference.delta`.",
    ]
    return "\n".join(lines) + "\n"


def index() -> str:
    """Return every shipped network with its file and what it comes to, file by file."""
    lines = ["model,family,params,macs"]
    for path in sorted(Path(ZOO).glob("*.yaml")):
        spec, _ = decode(str(path))
        for name in spec.variants or [path.stem]:
            totals = measure(network(f"{path}#{name}" if spec.variants else str(path))).totals
            lines.append(f"{name},{path.stem},{totals.params},{totals.macs}")
    return "\n".join(lines) + "\n"


def picture() -> str:
    """Return the main job's answer as the terminal shows it."""
    model = open_model(str(ROOT / "configs/resnet256.yaml"))
    reports = tuple(measure(graph) for graph in model.graphs)
    table = comparison_view(compare(reports, model.baseline))
    console = Console(width=WIDTH, record=True, file=io.StringIO(), force_terminal=True)
    console.print(Text.from_ansi(terminal.draw(table, terminal.Screen(WIDTH, has_colours=True))))
    return console.export_svg(theme=THEME, code_format=SVG, unique_id="bncalc")


def files() -> dict[Path, str]:
    """Return every made file and what it must hold."""
    networks = index()
    return {**pages(networks), ROOT / "src/bncalc/zoo/index.csv": networks}


def pages(networks: str) -> dict[Path, str]:
    """Return every made file but the index of the networks, which takes longer than all others."""
    drawn = charts(str(ROOT / "configs/resnet256.yaml"))
    return {
        **{ROOT / f"docs/pictures/{name}": svg for name, svg in drawn.items()},
        **counts(len(networks.splitlines()) - 1),
        ROOT / "docs/reference/api.md": api(),
        ROOT / "docs/reference/ops.md": reference("Ops", OPS),
        ROOT / "docs/reference/blocks.md": reference("Blocks", BLOCKS),
        ROOT / "docs/reference/metrics.md": metrics(),
        ROOT / "docs/reference/onnx.md": operations(),
        ROOT / "docs/compare.svg": picture(),
        ROOT / "src/bncalc/schema/bncalc.schema.json": document(language_schema()),
        ROOT / "src/bncalc/schema/bncalc.budget.schema.json": document(budget_schema()),
    }


def document(schema: dict[str, object]) -> str:
    """Return a schema as `bncalc schema` prints it."""
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"


def main() -> None:
    stale = []
    for path, text in files().items():
        if "--check" not in sys.argv:
            path.write_text(text, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(str(path.relative_to(ROOT)))
    if stale:
        sys.exit(f"not what the code makes, run docs/make.py: {', '.join(stale)}")


if __name__ == "__main__":
    main()
