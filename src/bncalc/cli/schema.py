"""`bncalc schema`: the JSON Schemas of the file formats, for editors."""

from enum import StrEnum
from importlib import import_module
from typing import Annotated

import typer

from bncalc.cli.options import OutputOption


class Form(StrEnum):
    """The files that have a schema."""

    model = "model"
    budget = "budget"


_MODULES = {Form.model: "bncalc.language.schema", Form.budget: "bncalc.budget.schema"}


def schema(
    form: Annotated[Form, typer.Argument(help="Which file it is for.")] = Form.model,
    output: OutputOption = None,
) -> None:
    """Print the JSON Schema of model files, or of budget files."""
    import json

    from bncalc.cli.answer import deliver

    made = import_module(_MODULES[form]).schema()
    deliver(json.dumps(made, indent=1, ensure_ascii=False) + "\n", output)
