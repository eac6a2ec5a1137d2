"""Notes: the lines under a table, which say what its numbers rest on."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import chain

from bncalc.analysis.assumptions import Assumptions
from bncalc.analysis.gaps import kept_gap, ram_gap
from bncalc.analysis.metric import METRICS
from bncalc.analysis.report import Report
from bncalc.quantity import first_few, plural
from bncalc.render import units

_OF_WEIGHTS = frozenset(("weights", "training", "traffic", "intensity", "bound"))
"""Columns that depend on how wide weights are."""
_FIELDS = frozenset(("rf", "effective_stride", "effective_padding"))


def notes(reports: tuple[Report, ...], columns: tuple[str, ...]) -> Iterator[str]:
    """Say what is to be known of single designs; then, on one line, what the columns rest on."""
    yield from uncounted(reports)
    yield from _trained_only(reports)
    if _OF_WEIGHTS & set(columns):
        yield from stored_weights(reports)
    if any(word in METRICS and METRICS[word].analysis == "training" for word in columns):
        yield from kept_gap(reports)
    if {"ram", "fits"} & set(columns):
        yield from dict.fromkeys(chain.from_iterable(map(ram_gap, reports)))
    if "live" in columns:
        yield from map(peak, reports)
    if _FIELDS & set(columns):
        yield from _misfits(reports)
    assumptions = reports[0].assumptions
    parts = [assumed(assumptions, columns)]
    if "convention" in columns:
        parts += _convention(reports)
    if assumptions.memory is not None and "fit_training" in columns:
        parts.append(f"images: the largest batch that fits into {units.size(assumptions.memory)}")
    if {"bound", "wall"} & set(columns):
        parts += _bounds(reports[0])
    if _FIELDS & set(columns):
        parts += _fields(reports)
    yield "; ".join(parts)


def uncounted(reports: tuple[Report, ...]) -> Iterator[str]:
    """Name the operations whose cost is in no number, and in which design if there are several."""
    for report in reports:
        layers = report.uncounted
        if layers:
            words = dict.fromkeys([layer.op for layer in layers])
            of = f"{report.name}: " if len(reports) > 1 else ""
            ops = plural(len(layers), "op is", "ops are")
            yield f"{of}{ops} not counted: {', '.join(words)}"


def stored_weights(reports: tuple[Report, ...]) -> Iterator[str]:
    """Say which weights have the width that a file stores them in, and not the assumed one."""
    for report in reports:
        stored = [(x.stored, x.cost) for x in report.layers if x.stored is not None]
        if stored:
            of = f"{report.name}: " if len(reports) > 1 else ""
            size = units.size(sum([size for size, _ in stored]))
            numbers = sum([cost.params + cost.buffers for _, cost in stored])
            yield f"{of}weights as the file stores them: {size} for {units.count(numbers)} numbers"


def _trained_only(reports: tuple[Report, ...]) -> Iterator[str]:
    """Say how many params are of layers that inference does not run."""
    for report in reports:
        layers = [layer for layer in report.layers if layer.training_only]
        if layers:
            of = f"{report.name}: " if len(reports) > 1 else ""
            params = units.count(sum([layer.cost.params for layer in layers]))
            run = plural(len(layers), "layer runs", "layers run")
            yield f"{of}{run} in training only: {params} params, no MACs, no maps"


def assumed(assumptions: Assumptions, words: Collection[str], varied: Collection[str] = ()) -> str:
    """Write on one line what metrics rest on, but for what varies."""
    return ", ".join(resting_on(assumptions, words, varied))


def resting_on(
    assumptions: Assumptions, words: Collection[str], varied: Collection[str] = ()
) -> Iterator[str]:
    """Say what metrics rest on, each of the assumptions only if one of them does.

    What is `varied` is not assumed.
    """
    if "batch" not in varied:
        yield f"batch {assumptions.batch}"
    yield from types(assumptions, varied)
    if assumptions.fold_norm:
        yield "batch norms folded"
    metrics = [METRICS[word] for word in words if word in METRICS]
    if "wall" in words or any(metric.on_policy for metric in metrics):
        yield f"memory policy {assumptions.memory_policy.name}"
    target, device = assumptions.target, assumptions.device
    if {"ram", "fits"} & set(words):
        has_type = "dtype" in varied or target.dtype == assumptions.dtype
        kind = "" if has_type else f"{target.dtype} "
        on = f"on {device.name} " if device else ""
        images = ", one image" if assumptions.batch != 1 or "batch" in varied else ""
        yield f"{kind}{on}under {target.runtime}, padding {target.padding}{images}"
    elif "flash" in words and "dtype" not in varied:
        yield f"flash of {target.dtype}"
    if any(metric.analysis == "training" for metric in metrics):
        again = ", each block recomputed in the backward pass" if assumptions.checkpoint else ""
        yield f"training with {assumptions.optimizer}{again}"
    if "flops" in words:
        yield "FLOPs = 2 × MACs + elementwise"


def types(assumptions: Assumptions, varied: Collection[str] = ()) -> Iterator[str]:
    """Name the type of weights and maps, or one of each where they differ."""
    maps = assumptions.activation_dtype
    if maps in (None, assumptions.dtype) and not {"dtype", "activation_dtype"} & {*varied}:
        yield assumptions.dtype
        return
    if "dtype" not in varied:
        yield f"{assumptions.dtype} weights"
    if maps is not None and "activation_dtype" not in varied:
        yield f"{maps} maps"


def peak(report: Report) -> str:
    """Name the step of the peak and the maps that make it."""
    memory = report.memory
    paths = report.paths
    step = paths[memory.step]
    maps = [
        f"{paths[held.first]} {units.size(held.size)}"
        for held in sorted(memory.at(memory.step), key=lambda held: -held.size)
    ]
    return f"the peak, {units.size(memory.peak)}, is at {step}: {' + '.join(maps)}"


def _convention(reports: tuple[Report, ...]) -> Iterator[str]:
    from bncalc.analysis.conventions import Tallies

    results = [report.result(Tallies) for report in reports]
    tools = [tally.convention for tally in results[0].tools]
    names = ", ".join(f"{tool.name} {tool.version}".strip() for tool in tools)
    yield f"totals as printed by {names}"
    unobserved = {
        (tally.convention.name, word): None
        for result in results
        for tally in result.tools
        for word in tally.unobserved
    }
    if unobserved:
        missing = ", ".join([f"{word} ({tool})" for tool, word in unobserved])
        yield f"these totals leave out what has not been observed: {missing}"


def _bounds(report: Report) -> Iterator[str]:
    from bncalc.analysis.roofline import Roofline

    roofline = report.result(Roofline)
    device = roofline.device
    yield (
        f"lower bound: each layer at the {roofline.arithmetic} peak and the full bandwidth of "
        f"{device.description or device.name}, not a forecast"
    )
    if device.note:
        yield device.note


def _fields(reports: tuple[Report, ...]) -> Iterator[str]:
    from bncalc.analysis.receptive_field import Fields

    yield "total: the receptive field of the last map before global pooling"
    if any(report.result(Fields).output.scope == "context" for report in reports):
        yield "context: a gate or norm adds something of the whole map to every position"


def _misfits(reports: tuple[Report, ...]) -> Iterator[str]:
    """Name the branches whose fields do not fit together."""
    from bncalc.analysis.receptive_field import Fields

    for word, what in (
        ("off centre", "are not centred on each other"),
        ("unclear", "differ in stride, so that no field fits"),
    ):
        for report in reports:
            joins = zip(report.layers, report.result(Fields).branches, strict=True)
            paths = [layer.path for layer, misfit in joins if misfit == word]
            if paths:
                yield f"{report.name}: branches {what} at {first_few(paths)}"
