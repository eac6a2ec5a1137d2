"""Scoped nodes: a node with all that it stands among, for what is written out as other nodes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from bncalc.named import NamedTuple
from bncalc.readers.binary import Damaged
from bncalc.readers.onnx.inference import Inference
from bncalc.readers.onnx.proto import GraphProto, NodeProto
from bncalc.readers.onnx.scope import NONE, Frame, ValueScope
from bncalc.readers.onnx.value import Dims, Numbers


class ScopedNode(NamedTuple):
    """A node among what is known so far, with the places of its inputs."""

    inference: Inference
    proto: NodeProto
    frame: Frame
    places: tuple[int, ...]
    attributes: Mapping[str, object]

    def place(self, index: int) -> int:
        return self.places[index] if index < len(self.places) else NONE

    def dims(self, index: int) -> Dims | None:
        """Return the sizes of an input, if it is there and they are known."""
        place = self.place(index)
        return None if place == NONE else self.inference.values[place].dims

    def numbers(self, index: int) -> Numbers | None:
        """Return the numbers of an input that are known without any data."""
        place = self.place(index)
        return None if place == NONE else self.inference.values[place].numbers

    def integer(self, name: str, default: int) -> int:
        held = self.attributes.get(name)
        return held if isinstance(held, int) else default

    def graph(self, name: str) -> GraphProto:
        """Return a graph that the node holds."""
        graph = self.attributes.get(name)
        if not isinstance(graph, GraphProto):
            raise self.damaged(f"it has no graph {name!r}")
        return graph

    def give(self, places: Iterable[int]) -> None:
        """Let the names of the outputs, in their order, stand for these places."""
        self.frame.names.own.update(zip(self.proto.outputs, places, strict=False))

    def instead(
        self, op: str, places: Sequence[int], attributes: Mapping[str, object], outputs: int = 1
    ) -> list[int]:
        """Do another operation in place of the node's; return the places of its outputs."""
        made = tuple([f"{op} {index}" for index in range(outputs)])
        proto, names = self.proto._replace(op=op, outputs=made), ValueScope()
        frame = self.frame._replace(names=names)
        self.inference.operation(proto, tuple(places), frame, attributes)
        return [names.get(name) for name in made]

    def damaged(self, message: str) -> Damaged:
        """Return the error that says what is wrong with the node."""
        return Damaged(self.proto.at, f"{self.proto.op} {self.proto.name!r}: {message}")
