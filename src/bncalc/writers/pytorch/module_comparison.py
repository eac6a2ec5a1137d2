"""A model of PyTorch is held against what PyTorch itself counts where the model runs."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Container, Mapping
from math import prod

from bncalc.analysis.report import Layer, Report
from bncalc.model.reading import Request
from bncalc.readers.torch.module import load, named
from bncalc.readers.torch.running import running
from bncalc.writers.verification import (
    TOTAL,
    Figures,
    Verification,
    figures,
    numbers_that_differ,
    total,
)


def against_counter(request: Request, report: Report) -> Verification:
    """Hold a model, module by module, against its parameters and PyTorch's FLOP counter.

    Compared is what each module's own code does: the params that it is the first to read, its MACs,
    and of a module that is one layer how large a map it puts out. The model itself runs, on the
    meta device, with none of our reading in between.
    """
    with running(request.path):
        from bncalc.writers.pytorch.counter import ModuleCounts

        counts = ModuleCounts(load(named(request), request))
        counts.run()
    modules = _by_module(report, set(counts.names.values()))
    params, macs = _of_those(counts.params, modules), _of_those(counts.macs, modules)
    ours = {name: _figures(name, layers) for name, layers in modules.items()}
    theirs = {
        name: Figures(own.path, params[name], macs[name], _output(own, counts.outputs.get(name)))
        for name, own in ours.items()
    }
    apart = _apart(ours, theirs)
    whole = Figures(TOTAL, params.total(), macs.total(), ())
    mismatches = [*numbers_that_differ(total(report), whole)]
    for name, own in ours.items():
        differ = numbers_that_differ(own, theirs[name])
        mismatches += [each for each in differ if each.what == "output" or name in apart]
    return Verification(report.name, "PyTorch", len(ours), tuple(mismatches), of="module")


def _by_module(report: Report, names: Container[str]) -> dict[str, list[Layer]]:
    """Return the modules that layers lie in, each with those that its own code calls."""
    modules: dict[str, list[Layer]] = {}
    for layer in report.layers:
        around = _modules_around(layer.path, names)
        for name in around:
            modules.setdefault(name, [])
        modules[around[-1]].append(layer)
    return modules


def _modules_around(path: str, names: Container[str]) -> list[str]:
    """Return the modules that a layer lies in, the model itself first; further calls have numbers.

    A layer `block/relu_2/relu` is of the second call of the module `block.relu`.
    """
    around = [""]
    for step in path.split("/"):
        within = [f"{around[-1]}.{word}".lstrip(".") for word in (step, _NUMBER.sub("", step))]
        known = [name for name in within if name in names]
        if not known:
            break
        around.append(known[0])
    return around


_NUMBER = re.compile(r"_\d+$")


def _figures(name: str, layers: list[Layer]) -> Figures:
    """Return what the code of a module does; what it puts out only where that is one layer."""
    each = list(map(figures, layers))
    output = each[0].output if len(each) == 1 else ()
    params, macs = sum(one.params for one in each), sum(one.macs for one in each)
    return Figures(name.replace(".", "/") or "(the model itself)", params, macs, output)


def _output(own: Figures, made: tuple[int, ...] | None) -> tuple[int, ...]:
    """Return what a module puts out: as we have it, in another order maybe, if it is as much."""
    if made is None or not own.output or prod(made) == prod(own.output):
        return own.output
    return made


def _apart(ours: Mapping[str, Figures], theirs: Mapping[str, Figures]) -> set[str]:
    """Return the modules whose params or MACs differ.

    What a module reads for one within it, or of one, may be told of either of them.
    """
    apart = {name for name in ours if _numbers(ours, [name]) != _numbers(theirs, [name])}
    families = defaultdict(list)
    for name in apart:
        families[name].append(name)
        around = name
        while around:
            around = around.rpartition(".")[0]
            if around in apart:
                families[around].append(name)
                break
    for family in families.values():
        if _numbers(ours, family) == _numbers(theirs, family):
            apart.difference_update(family)
    return apart


def _numbers(modules: Mapping[str, Figures], names: list[str]) -> tuple[int, int]:
    """Return the params and MACs of several modules."""
    return sum(modules[each].params for each in names), sum(modules[each].macs for each in names)


def _of_those(counts: Mapping[str, int], modules: Container[str]) -> Counter[str]:
    """Add what other modules count, such as parametrizations, to those around them."""
    added: Counter[str] = Counter()
    for name, count in counts.items():
        around = name
        while around not in modules:
            around = around.rpartition(".")[0]
        added[around] += count
    return added
