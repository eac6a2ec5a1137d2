"""The reader: `torch:package.module:callable` becomes a graph. It runs the user's Python."""

from bncalc.model.origin import Design
from bncalc.model.reading import Reading, Request
from bncalc.readers.torch.module import load, named, running


def read(request: Request) -> tuple[Reading, ...]:
    """Return the one design of a model of PyTorch, run once on the meta device.

    Raises UsageError where PyTorch is not installed, for a module or callable that there is not,
    for arguments that it does not take, for code that fails, and where no input is given.
    """
    name = named(request)
    with running(request.path):
        from bncalc.readers.torch.placement import TracePlacement
        from bncalc.readers.torch.placing import place
        from bncalc.readers.torch.placing.asides import asides
        from bncalc.readers.torch.placing.shuffles import with_shuffles
        from bncalc.readers.torch.recording import record

        trace = record(load(name, request))
        placement = TracePlacement(trace)
        for call in with_shuffles(trace.calls):
            place(placement, call)
            placement.end()
        placement.finish()
        graph = placement.net.graph(name.callable)._replace(
            asides=tuple(asides(trace)), lifetimes=tuple(placement.occupancies())
        )
    return (Reading((Design(graph),), name.callable),)
