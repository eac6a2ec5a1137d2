"""`bncalc export`: a model in the form of another program."""

from enum import StrEnum
from pathlib import PurePath
from typing import Annotated

import typer

from bncalc.cli.options import Altered, ModelArgument, OutputOption
from bncalc.cli.sharing import sharing
from bncalc.errors import UsageError


class ExportFormat(StrEnum):
    """What a model can be written as."""

    pytorch = "pytorch"
    onnx = "onnx"
    yaml = "yaml"


_BY_SUFFIX = {
    ".py": ExportFormat.pytorch,
    ".onnx": ExportFormat.onnx,
    ".yaml": ExportFormat.yaml,
    ".yml": ExportFormat.yaml,
}
_OTHERS = (
    *(".pt", ".pth", ".bin", ".safetensors", ".torchscript", ".ptl", ".pkl", ".tflite", ".pb"),
    *(".h5", ".keras", ".mlmodel", ".mlpackage", ".engine", ".xml", ".json", ".prototxt"),
)
"""The suffixes of models that are not written: no program would open the text."""


def _form(to: ExportFormat | None, output: str | None) -> ExportFormat:
    """Return the form that is asked for, or that the file's suffix says.

    Raises UsageError if the two differ, and for a suffix that promises another form.
    """
    suffix = PurePath(output or "").suffix.lower()
    if suffix in _OTHERS:
        right = ", ".join(list(_BY_SUFFIX)[:3])
        raise UsageError(
            f"--output {output}: bncalc cannot write {suffix} files; it writes {right}"
        )
    by_suffix = _BY_SUFFIX.get(suffix, to)
    if to not in (None, by_suffix):
        raise UsageError(f"--to {to} does not suit --output {output}")
    return by_suffix or ExportFormat.pytorch


@sharing
def export(
    model: ModelArgument,
    to: Annotated[
        ExportFormat | None,
        typer.Option(
            metavar="pytorch|onnx|yaml",
            help="The format. By default the suffix of --output decides, else pytorch.",
            show_default=False,
        ),
    ] = None,
    *,
    altered: Altered,
    seed: Annotated[
        int | None,
        typer.Option(
            help="The seed for random weights in an ONNX file; without it the file holds only "
            "their shapes.",
            metavar="N",
            min=0,
            show_default=False,
        ),
    ] = None,
    output: OutputOption = None,
) -> None:
    """Write a model as PyTorch code, as ONNX, or as YAML in bncalc's own language.

    `pytorch` is a Python module: a class for each kind of block, with parameters named after the
    paths of the layers. It does not import bncalc. `onnx` needs the extra `bncalc[onnx]`. `yaml` is
    a file to edit: repeats are folded, and layers that form a block become one. A layer that the
    format cannot express is an error that names it.

    Examples:
    bncalc export resnet50 -o resnet50.py
    bncalc export net.onnx -o net.yaml
    """
    from bncalc.cli.answer import deliver, deliver_bytes
    from bncalc.cli.designs import open_one
    from bncalc.opening.kinds import LANGUAGE, kind_of
    from bncalc.writers.parting import with_parts

    to = _form(to, output)
    if to is not ExportFormat.onnx and seed is not None:
        raise UsageError("--seed is for --to onnx; the other formats hold no weights")
    name = altered.model(model)
    graph = open_one(name, altered.overrides())
    if to is ExportFormat.onnx:
        from bncalc.writers.onnx.file import model_bytes

        if output is None:
            raise UsageError("an ONNX file is binary; give -o FILE")
        deliver_bytes(model_bytes(graph, seed), output)
        return
    is_ours = kind_of(name.path) == LANGUAGE
    if to is ExportFormat.yaml:
        from bncalc.writers.yaml.file import imported_file, model_file

        write = model_file if is_ours else imported_file
    else:
        from bncalc.writers.pytorch.module import module_file as write
    deliver(write(graph) if is_ours else with_parts(graph, write), output)
