"""`bncalc export`: a model in the form of another program."""

from enum import StrEnum
from typing import Annotated

import typer

from bncalc.cli.options import Altered, ModelArgument, OutputOption, sharing


class Target(StrEnum):
    """What a model can be written as."""

    pytorch = "pytorch"


@sharing
def export(
    model: ModelArgument,
    to: Annotated[Target, typer.Option(help="The form.")] = Target.pytorch,
    *,
    altered: Altered,
    output: OutputOption = None,
) -> None:
    """Write a model as a PyTorch module file: a class for each kind of block, and nothing of ours.

    The names of states are the paths of the layers. Layers with no words in PyTorch are an error.

    Examples:
    bncalc export resnet50 -o resnet50.py
    bncalc export net.yaml -o net.py
    """
    from bncalc.cli.answer import deliver
    from bncalc.cli.designs import open_one
    from bncalc.writers.pytorch.module import module_file

    deliver(module_file(open_one(altered.model(model), altered.overrides())), output)
