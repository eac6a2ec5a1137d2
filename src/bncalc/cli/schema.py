"""`bncalc schema`: the JSON Schema of the file format, for editors."""

from bncalc.cli.options import OutputOption


def schema(output: OutputOption = None) -> None:
    """Print the JSON Schema of the file format."""
    import json

    from bncalc.cli.answer import deliver
    from bncalc.language import schema as language

    deliver(json.dumps(language.schema(), indent=1, ensure_ascii=False) + "\n", output)
