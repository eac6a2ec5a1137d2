"""Joins: modules that take several maps, or put out several."""

from __future__ import annotations

from itertools import accumulate, pairwise

from bncalc.errors import ShapeError
from bncalc.model.net import Tensor
from bncalc.readers.ultralytics.arguments import RowArguments
from bncalc.readers.ultralytics.context import Context, Module, RowMaps


def concat(context: Context, maps: tuple[Tensor, ...], given: RowArguments) -> Tensor:
    """Place maps one after the other along their channels, which are axis 1."""
    given.only("dimension", 1)
    return context.net.concat(*maps)


def fork(context: Context, maps: tuple[Tensor, ...], given: RowArguments) -> RowMaps:
    """Place one 1×1 with a bias, and cut its channels into maps."""
    net, widths = context.net, given.wholes("c2s")
    for name, usual in (("k", 1), ("s", 1), ("p", 0), ("g", 1)):
        given.only(name, usual)
    y = net.conv(maps[0], sum(widths), 1, norm="none", act="none", bias=True, name="conv")
    ends = accumulate(widths, initial=0)
    return tuple([net.op("slice", y, start=a, stop=b) for a, b in pairwise(ends)])


def fuse(context: Context, maps: tuple[RowMaps, ...], given: RowArguments) -> Tensor:
    """Place the chosen map of each fork, enlarged to the last map, and the sum of all."""
    *forks, last = maps
    if not isinstance(last, Tensor):
        raise ShapeError("the last source of CBFuse must be one map")
    chosen = []
    for source, index in zip(forks, given.wholes("idx", count=len(forks)), strict=True):
        if isinstance(source, Tensor) or index >= len(source):
            raise ShapeError(f"CBFuse takes map {index} of a CBLinear, which does not exist")
        map_ = source[index]
        factor = last.shape.space[0] // map_.shape.space[0]
        if factor > 1:
            map_ = context.net.op("upsample", map_, scale=factor, called="function")
        chosen.append(map_)
    return context.net.add(*chosen, last)


JOINS = {
    "Concat": Module(concat, "dimension"),
    "CBLinear": Module(fork, "c2s k s p g"),
    "CBFuse": Module(fuse, "idx", takes_forks=True),
}
