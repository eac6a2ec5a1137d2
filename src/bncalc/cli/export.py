"""`bncalc export`: a model in the form of another program."""

from enum import StrEnum
from typing import Annotated

import typer

from bncalc.cli.options import Altered, ModelArgument, OutputOption, sharing


class Target(StrEnum):
    """What a model can be written as."""

    pytorch = "pytorch"
    yaml = "yaml"


@sharing
def export(
    model: ModelArgument,
    to: Annotated[Target, typer.Option(help="The form.")] = Target.pytorch,
    *,
    altered: Altered,
    output: OutputOption = None,
) -> None:
    """Write a model for PyTorch, or as a file of our own language.

    `pytorch` is a module file: a class for each kind of block, states named after the paths of the
    layers, and nothing of ours. `yaml` is a file to edit, its repeats folded and its own blocks
    found. What a form has no words for is an error that names the layer.

    Examples:
    bncalc export resnet50 -o resnet50.py
    bncalc export net.onnx --to yaml -o net.yaml
    """
    from bncalc.cli.answer import deliver
    from bncalc.cli.designs import open_one

    graph = open_one(altered.model(model), altered.overrides())
    if to is Target.yaml:
        from bncalc.writers.yaml.file import model_file as written
    else:
        from bncalc.writers.pytorch.module import module_file as written
    deliver(written(graph), output)
