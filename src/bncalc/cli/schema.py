"""`bncalc schema`: the JSON Schemas of what bncalc reads and writes, as they are shipped."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bncalc.cli.options import OutputOption


class SchemaName(StrEnum):
    """What has a schema: two kinds of file, two kinds of answer."""

    model = "model"
    budget = "budget"
    report = "report"
    check = "check"


_FOLDER = Path(__file__).parents[1] / "schema"
_FILES = {
    SchemaName.model: "bncalc.schema.json",
    SchemaName.budget: "bncalc.budget.schema.json",
    SchemaName.report: "bncalc.report.schema.json",
    SchemaName.check: "bncalc.check.schema.json",
}


def schema(
    form: Annotated[
        SchemaName,
        typer.Argument(
            metavar="WHAT",
            help="model, budget: files that you write. report, check: JSON that bncalc writes.",
        ),
    ] = SchemaName.model,
    output: OutputOption = None,
) -> None:
    """Print a JSON Schema, for editors and scripts.

    Examples:
    bncalc schema
    bncalc schema report -o report.schema.json
    """
    from bncalc.cli.answer import deliver

    deliver((_FOLDER / _FILES[form]).read_text(encoding="utf-8"), output)
