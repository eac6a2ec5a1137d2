"""Evidence: whether a constant is learned, by what is noted of it, what takes it, and what it is.

The first line that holds says:

    the exporter has noted it down             as noted
    an operation takes it as its weights       learned, whatever its name is
    it is a literal among the operations       not learned: anchors, the ones of a norm
    it holds 0 and else at most −100           not learned: a mask
    it has the name of what a formula makes    not learned: `rope.pos_embed`
    its numbers do not tell, and it has the    not learned: a mask, or first states
    place or the name of a mask
    anything else                              learned
"""

from __future__ import annotations

from functools import cached_property
from itertools import islice
from math import prod

from bncalc.readers.onnx.flow import Flow
from bncalc.readers.onnx.inference import NodeStep
from bncalc.readers.onnx.names import is_of_constant_node, is_of_formula, is_of_mask
from bncalc.readers.onnx.provenance import Provenance
from bncalc.readers.onnx.slots import NORMS, is_weight
from bncalc.readers.onnx.stock import Stock
from bncalc.readers.onnx.tensor import TensorProto, ends

_LOWEST = -100.0
"""What a mask adds to scores that must not count is at most this: Swin adds no less."""
_BETWEEN = {"Add", "Cast", "Reshape"}
"""Operations that may lie between a sum of scores and its softmax."""
_MOST_FOLLOWED = 8


class Evidence:
    """What is known of the constants of a file; `guessed` are those of which only names tell."""

    def __init__(self, flow: Flow) -> None:
        self._flow, self.stock = flow, Stock(flow)
        self.provenance = Provenance(flow.trace.wire, flow.trace.graph)
        self.guessed: dict[int, None] = {}

    def is_noted(self, place: int) -> bool | None:
        """Tell whether a constant is a parameter as far as the exporter says so."""
        return self.provenance.is_learned(self._flow.trace.names[place])

    def is_learned(self, place: int, user: NodeStep, slot: int) -> bool:
        """Tell whether a constant that an operation takes is a parameter."""
        noted, name = self.is_noted(place), self._flow.trace.names[place]
        if noted is not None:
            return noted
        if user.call.op not in NORMS and is_weight(user, slot):
            return True
        if self.stock.is_literal(place):
            return False
        if user.call.op in NORMS:
            return not is_of_constant_node(name) or len({*self._ends(place)}) > 1
        return not self._is_fixed(place, user)

    def _is_fixed(self, place: int, user: NodeStep) -> bool:
        """Tell whether what lies where masks and tables do too is one of these."""
        numbers, name = {*self._ends(place)}, self._flow.trace.names[place]
        if len(numbers) > 1 and not is_of_formula(name):
            return 0 in numbers and max(numbers - {0}) <= _LOWEST
        is_guess = is_of_formula(name) or is_of_mask(name) or self._is_of_scores(place, user)
        if is_guess:
            self.guessed[place] = None
        return is_guess

    def _ends(self, place: int) -> tuple[float, ...]:
        """Return the first and the last numbers of a tensor of the file, if they are in it."""
        name = self._flow.trace.names[place]
        return ends(self._flow.trace.wire, self.tensors[name]) if name in self.tensors else ()

    @cached_property
    def tensors(self) -> dict[str, TensorProto]:
        """The tensors of the file by name."""
        return {tensor.name: tensor for tensor in self._flow.trace.graph.tensors}

    def _is_of_scores(self, place: int, user: NodeStep) -> bool:
        """Tell whether a map without a module's name is added to the scores of several heads.

        What is learned of offsets between positions is learned for each head.
        """
        held, scores = [self._flow.value(each).dims or () for each in (place, user.outputs[0])]
        if user.call.op not in ("Add", "QLinearAdd") or held[-2:] != scores[-2:]:
            return False
        is_of_all = prod(held[:-2]) == 1 < prod(scores[:-2])
        is_named = "." in self._flow.trace.names[place]
        return is_of_all and not is_named and self._meets_softmax(user.outputs[0])

    def _meets_softmax(self, place: int) -> bool:
        left = [place]
        for each in islice(left, _MOST_FOLLOWED):  # grows while it is gone through
            for reader in self._flow.readers[each]:
                if reader.call.op in ("QLinearSoftmax", "Softmax"):
                    return True
                left += reader.outputs[:1] if reader.call.op in _BETWEEN else ()
        return False
