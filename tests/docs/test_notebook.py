"""The session of docs/notebook.md as a notebook that a kernel runs: `make check-notebook`."""

import doctest
import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

pytestmark = pytest.mark.notebook

ROOT = Path(__file__).parents[2]
SHOWN = """\
report
comparison
change
verdict
sweep
report.to_pandas().shape, comparison.to_polars().shape
change.to_pandas().shape, verdict.to_polars().shape
sweep.to_pandas().to_dict("records") == sweep.to_polars().to_dicts()
"""


def cells() -> list[str]:
    """Return the examples of the page, each a cell, and then what a reader wants to look at."""
    text = (ROOT / "docs/notebook.md").read_text(encoding="utf-8")
    examples = doctest.DocTestParser().get_examples(text)
    return [*[example.source for example in examples], *SHOWN.splitlines()]


def test_a_kernel_runs_the_session_and_shows_tables_and_charts(tmp_path: Path) -> None:
    nbformat: Any = pytest.importorskip("nbformat")
    client: Any = pytest.importorskip("nbclient")
    v4 = nbformat.v4
    notebook = v4.new_notebook(cells=[v4.new_code_cell(source) for source in cells()])
    for cell in notebook.cells:
        if '"parms"' in cell.source:  # a misspelt word, which the page shows to be an error
            cell.metadata.tags = ["raises-exception"]
    client.NotebookClient(notebook, timeout=60, resources={"metadata": {"path": ROOT}}).execute()
    shown = {cell.source: cell.outputs for cell in notebook.cells}
    for name in ("report", "comparison", "change", "verdict", "sweep"):
        html = shown[name][0].data["text/html"]
        assert html.startswith("<pre")
        _, _, pictures = html.partition("</pre>")
        root = ElementTree.fromstring(f"<body>{pictures}</body>")
        assert root.findall(".//{http://www.w3.org/2000/svg}svg"), name
    for source in SHOWN.splitlines()[5:7]:
        assert "(" in shown[source][0].data["text/plain"]
    assert shown[SHOWN.splitlines()[7]][0].data["text/plain"] == "True"
    json.dumps(notebook)  # it can be saved
