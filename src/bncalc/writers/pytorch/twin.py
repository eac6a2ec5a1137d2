"""The twin: a network rebuilt in PyTorch on the meta device, op by op, and what it costs there.

PyTorch is an extra. What runs here are lines of our own only; the code of a model that somebody
else wrote runs in `bncalc.readers.torch`.
"""

from __future__ import annotations

import re
from typing import Any

from bncalc.loading import torch_for
from bncalc.model.graph import Graph, Node
from bncalc.named import NamedTuple
from bncalc.writers.pytorch.lines import lines_of
from bncalc.writers.pytorch.lines.helpers import HELPERS
from bncalc.writers.pytorch.lines.line import Line


class TwinLayer(NamedTuple):
    """What PyTorch has of a layer: its params, its MACs, and the shape that it puts out."""

    path: str
    op: str
    params: int
    macs: int
    output: tuple[int, ...]


def twin(graph: Graph) -> list[TwinLayer]:
    """Return what each layer is in PyTorch, none of its numbers worked out by us.

    Params are those of the module, MACs half of what `torch.utils.flop_counter` counts while the
    layer runs on the meta device. Layers for training alone are built and not run. Raises
    UsageError where PyTorch is not installed, and for an op that it has no line for.
    """
    torch, lines = torch_for("this"), lines_of(graph)
    maps: list[Any] = []
    modules: list[Any] = []
    layers: list[TwinLayer] = []
    with torch.device("meta"), torch.no_grad():
        for index, node in enumerate(graph.nodes):
            if node.op.is_input:
                maps.append(torch.empty(1, *node.output))
                modules.append(None)
                layers += [_built(node, 0, 0, maps[-1])] if index else []
                continue
            text = lines[index]
            module = None if node.owner is None else modules[node.owner]
            module = _module(torch, text) if module is None else module
            modules.append(module)
            arriving = [maps[source] for source in node.inputs]
            made, macs = _run(torch, text, module, arriving)
            maps.append(made.detach())  # the counter fails where a parameter is a module's input
            params = _params(module) if node.owner is None else 0
            layers.append(_built(node, params, macs, made))
    return layers


def _built(node: Node, params: int, macs: int, made: Any) -> TwinLayer:
    ran = 0 if node.training_only else macs
    return TwinLayer(node.path, node.op.word, params, ran, tuple(made.shape[1:]))


def _module(torch: Any, text: Line) -> Any:
    if not text.module:
        return None
    source = "\n".join([*text.steps, text.construction])
    scope = {"nn": torch.nn, "slice": slice, "torch": torch, **_helped(torch, source)}
    exec("\n".join(text.steps), scope)
    module = eval(text.construction, {"__builtins__": {}}, scope)  # a line of ours
    return module.eval() if isinstance(module, torch.nn.Module) else module


def _run(torch: Any, text: Line, module: Any, maps: list[Any]) -> tuple[Any, int]:
    from torch.utils.flop_counter import FlopCounterMode

    names = {f"x{i}": each for i, each in enumerate(maps)}
    call = text.called(list(names), "module")
    scope = {"torch": torch, "F": torch.nn.functional, "module": module, **names}
    scope.update(_helped(torch, call))
    with FlopCounterMode(display=False) as counter:
        made = eval(call, {"__builtins__": {}}, scope)  # a line of ours
    return made, counter.get_total_flops() // 2


def _helped(torch: Any, text: str) -> dict[str, Any]:
    """Return the functions and modules of ours that a text calls."""
    names = {"Any": Any, "F": torch.nn.functional, "Tensor": torch.Tensor, "nn": torch.nn}
    names["torch"] = torch
    helped: dict[str, Any] = {}
    for name, source in HELPERS.items():
        if re.search(rf"\b{name}\b", text):
            exec(source, names, helped)  # source of ours
    return helped


def _params(module: Any) -> int:
    if module is None:
        return 0
    if hasattr(module, "parameters"):
        return sum(parameter.numel() for parameter in module.parameters())
    return int(module.numel()) if module.requires_grad else 0
