"""What `--help` shows of a command: what it does, its options in groups, and examples."""

import re
from typing import Any

from bncalc.cli.choices import choices

_GROUPS = {
    "Model": ("set_", "input", "form", "include"),
    "Assumptions": ("batch", "dtype", "activation_dtype", "policy", "fold_norm"),
    "Training": ("optimizer", "checkpoint", "fit"),
    "Other tools and devices": ("as_", "device", "runtime", "pad", "patch", "patch_layers"),
    "Output": (
        *("columns", "format", "output", "exact", "reports", "quiet", "every", "exit_code"),
        *("exit_zero", "fail_on", "no_ratio", "unit", "caption", "label"),
    ),
}
_GROUP_OF = {name: group for group, names in _GROUPS.items() for name in names}


def write_text(help: str, formatter: Any) -> None:
    """Write what a command does."""
    about, _, _ = help.partition("Examples:")
    formatter.write_paragraph()
    with formatter.indentation():
        formatter.write_text(about.strip())


def write_examples(help: str, formatter: Any) -> None:
    """Write the examples of a command, each on a line of its own."""
    _, _, examples = help.partition("Examples:")
    if examples:
        with formatter.section("Examples"), formatter.indentation():
            formatter.write(
                "".join(f"  {line.strip()}\n" for line in examples.strip().splitlines())
            )


def write_options(parameters: list[Any], context: Any, formatter: Any) -> None:
    """Write the arguments and the options of a command, group by group."""
    groups: dict[str, list[tuple[str, str]]] = {"Arguments": [], "Options": []}
    groups |= {group: [] for group in _GROUPS}
    for parameter in parameters:
        record = parameter.get_help_record(context)
        if record is not None:
            is_argument = parameter.param_type_name == "argument"
            own = _GROUP_OF.get(parameter.name, "Options")
            groups["Arguments" if is_argument else own].append(
                (record[0], _completed(parameter, record[1], context.command.name))
            )
    for group, records in groups.items():
        if records:
            with formatter.section(group):
                formatter.write_dl(records)


def _completed(parameter: Any, text: str, command: str) -> str:
    """Fill in the words that an option takes; leave out from which number on it takes numbers."""
    if "{choices}" in text:
        text = text.replace("{choices}", ", ".join(choices(parameter.name, command)))
    return re.sub(r"(; |  \[)[\d<=]*x[<>=\d]+\]", lambda end: "]" if end[1] == "; " else "", text)
