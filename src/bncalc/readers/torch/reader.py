"""The reader: `torch:package.module:callable` becomes a graph. It runs the user's Python."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from bncalc.model.graph import Aside, KeptMemory
from bncalc.model.origin import Design
from bncalc.model.reading import Reading, Request
from bncalc.readers.torch.module import load, named
from bncalc.readers.torch.running import running

if TYPE_CHECKING:
    from bncalc.model.graph import Graph
    from bncalc.readers.torch.recording import Recording
    from bncalc.readers.torch.trace import Trace, TracedCall


def read(request: Request) -> tuple[Reading, ...]:
    """Return the one design of a model of PyTorch, run on the meta device.

    Raises UsageError where PyTorch is not installed, for a module or callable that there is not,
    for arguments that it does not take, for code that fails, and where no input is given.
    """
    name = named(request)
    with running(request.path):
        from bncalc.readers.torch.recording import Recording

        recording = Recording(load(name, request))
    notes = tuple([f"{request.path}: {note}" for note in _notes(recording.trace)])
    graph = _placed(recording, name.callable, request.path)
    return (Reading((Design(graph),), name.callable, notes=notes),)


def _placed(recording: Recording, name: str, path: str) -> Graph:
    from bncalc.readers.torch.code import with_code
    from bncalc.readers.torch.placement import TracePlacement
    from bncalc.readers.torch.placing import place
    from bncalc.readers.torch.placing.asides import asides
    from bncalc.readers.torch.placing.shuffles import with_shuffles
    from bncalc.readers.torch.trace import idle

    trace = recording.trace
    placement, unread, left_out = TracePlacement(trace), idle(trace), set[int]()
    calls = list(with_shuffles(trace.calls))
    for call in calls:
        first = len(placement.net)
        if not _is_moot(call, unread):
            place(placement, call)
        if unread.issuperset([value.number for value in call.outputs]):
            left_out.update(range(first, len(placement.net)))
        placement.end()
    placement.finish()
    placed = [call for call in calls if not _is_moot(call, unread)]
    graph = with_code(placement.net.graph(name), placement, placed, trace.params.keys())
    again = [_aside(graph, *each) for each in placement.again]

    @cache
    def kept(images: int) -> KeptMemory:
        with running(path):
            run = recording.kept(images)
        nodes = range(1, len(graph.nodes))
        if run is None:
            return KeptMemory((), frozenset(nodes))
        unasked = {placement.step(call) for call in run.missed}
        unasked.update([i for i in nodes if graph.nodes[i].training_only and run.untrained])
        return KeptMemory(tuple(placement.kept(run.maps)), frozenset(unasked), run.untrained)

    @cache
    def products_beside() -> int | None:
        with running(path):
            return recording.products_beside()

    nodes = [node._replace(frozen=placement.frozen[i]) for i, node in enumerate(graph.nodes)]
    return graph._replace(
        nodes=tuple(nodes),
        asides=(*asides(trace), *again),
        idle=frozenset(left_out),
        lifetimes=tuple(placement.occupancies()),
        ask_kept=kept,
        ask_products=products_beside,
        stored=tuple([each._replace(node=placement.node_of(each.node)) for each in trace.stored]),
        told=tuple([each._replace(node=placement.node_of(each.node)) for each in trace.told]),
    )


def _is_moot(call: TracedCall, unread: frozenset[int]) -> bool:
    """Return whether a call makes a view anew that nothing reads any more."""
    return call.follows and unread.issuperset([value.number for value in call.outputs])


def _aside(graph: Graph, index: int, places: int, in_module: bool) -> Aside:
    node = graph.nodes[index]
    return Aside(node.op, graph.input_shapes(node), node.output, places, in_module)


def _notes(trace: Trace) -> Iterator[str]:
    """Say where sizes are not known before the model sees an image, and what may be missing."""
    for word, path in list(trace.at_most.items())[:1]:
        place = f"{path!r} on ({word})" if path else f"{word} on"
        yield f"sizes depend on the data from {place}; the largest possible ones are counted"
    if trace.drawn:
        drawn = " and ".join(trace.drawn)
        yield f"its code draws random numbers ({drawn}); one draw is counted, the same each time"
    if not trace.outputs:
        yield "nothing that it returns was found to depend on its input; layers may be missing"
    if "unregistered" in trace.obstacles:
        yield "weights that it reads are not its parameters (layers in a list?), nor in its params"
    elif any(map(_multiplies_by_constants, trace.calls)):
        yield (
            "layers multiply by numbers that are neither its parameters nor its buffers (a frozen "
            "program?); they are not in its params"
        )


def _multiplies_by_constants(call: TracedCall) -> bool:
    """Return whether a call has products with numbers that nobody learned, stored or worked out."""
    if not call.macs or call.word in _WITH_MASKS:
        return False
    return any(not each.sources and each.made is None for each in call.weights)


_WITH_MASKS = ("baddbmm", "scaled_dot_product_attention")
"""What has products of maps, and adds what is no factor of theirs."""
