"""Shuffles: a reshape, a transpose and a reshape that together are one op on channels and space."""

from __future__ import annotations

from bncalc.readers.onnx.flow import Flow
from bncalc.readers.onnx.inference import NodeStep
from bncalc.readers.shuffles import shuffle_of

_WORDS = {
    "channel_shuffle": "ChannelShuffle",
    "pixel_shuffle": "DepthToSpace",
    "space_to_depth": "SpaceToDepth",
}


def shuffle(flow: Flow, last: NodeStep) -> tuple[str, tuple[NodeStep, ...]]:
    """Return what the steps before a reshape are together and these steps, empty where nothing."""
    turn = _maker(flow, last, "Reshape", "Transpose")
    first = turn and _maker(flow, turn, "Transpose", "Reshape")
    if first is None or turn is None:
        return "", ()
    places = (first.inputs[0], turn.inputs[0], last.outputs[0])
    before, between, after = [flow.value(place).dims or () for place in places]
    shuffle = shuffle_of(turn.call.integers("perm"), before, between, after)
    return (_WORDS[shuffle.word], (last, turn, first)) if shuffle is not None else ("", ())


def _maker(flow: Flow, step: NodeStep, op: str, before: str) -> NodeStep | None:
    """Return the step before, if it is of that operation and nobody else reads it."""
    maker = flow.made.get(step.inputs[0]) if step.call.op == op and step.inputs else None
    if maker is None or maker.call.op != before or maker.call.domain:
        return None
    alone = len(flow.readers[step.inputs[0]]) == 1 and not flow.puts_out([step.inputs[0]])
    return maker if alone else None
