"""`bncalc schema`: the JSON Schema of the file format, for editors."""

from __future__ import annotations

import sys

from bncalc.cli.options import OutputOption
from bncalc.errors import UsageError


def schema(output: OutputOption = None) -> None:
    """Print the JSON Schema of the file format."""
    import json

    from bncalc.language import schema as language

    text = json.dumps(language.schema(), indent=1, ensure_ascii=False) + "\n"
    if output is None:
        sys.stdout.write(text)
        return
    try:
        with open(output, "w", encoding="utf-8", newline="\n") as file:  # noqa: PTH123
            file.write(text)
    except OSError as error:
        raise UsageError(f"cannot write {output}: {error.strerror}") from None
