"""The decoder of RT-DETR: queries that attend to each other and to points of all levels."""

from __future__ import annotations

from contextlib import nullcontext

from bncalc.model.blocks.transformer import fed, linear, multihead
from bncalc.model.cost import Cost
from bncalc.model.net import Net, Tensor
from bncalc.model.ops.foreign import Facts, Foreign
from bncalc.model.shape import Shape
from bncalc.named import NamedTuple
from bncalc.readers.ultralytics.arguments import RowArguments
from bncalc.readers.ultralytics.context import Context


class DecoderSizes(NamedTuple):
    """What a decoder is made with."""

    classes: int
    width: int
    queries: int
    points: int
    """Points that a head looks at, in each level."""
    heads: int
    layers: int
    hidden: int


def decoder(context: Context, maps: tuple[Tensor, ...], given: RowArguments) -> Tensor:
    """Place the decoder: the best tokens of all levels become queries, which layers refine.

    All layers learn of a query's box by the same two linear layers. Scores of all layers but the
    last and the labels of denoising are for training alone (Lv et al. 2023, arXiv:2304.08069,
    section 4.3; Deformable DETR, arXiv:2010.04159).
    """
    net = context.net
    sizes = DecoderSizes(
        classes=given.whole("nc", least=1),
        width=given.whole("hd", 256, least=1),
        queries=given.whole("nq", 300, least=1),
        points=given.whole("ndp", 4, least=1),
        heads=given.whole("nh", 8, least=1),
        layers=given.whole("ndl", 6, least=1),
        hidden=given.whole("d_ffn", 1024, least=1),
    )
    tokens = _tokens(net, maps, sizes.width)
    queries, boxes = _chosen(net, tokens, sizes)
    first = len(net)
    for index in range(sizes.layers):
        shared = net.sharing(first, first + 3) if index else nullcontext()
        with shared, net.part("positions", f"query_pos{index}"):
            y = net.op("relu", linear(net, boxes, 2 * sizes.width, "fc1"), called="function")
            positions = linear(net, y, sizes.width, "fc2")
        with net.part("decoder_layer", f"layer{index}"):
            queries = _layer(net, queries, positions, tokens, len(maps), sizes)
        boxes = net.add(boxes, _perceptron(net, queries, sizes.width, 4, f"bbox_head{index}"))
        scores = _scores(net, queries, sizes, index)
    with net.training_only():
        labels = Cost(weights=sizes.classes * sizes.width)
        net.place(Foreign(Facts("denoising_labels", queries.shape, cost=labels)), queries)
    return scores


def _tokens(net: Net, maps: tuple[Tensor, ...], width: int) -> Tensor:
    """Place a 1×1 for each level; return the positions of all, one after the other."""
    levels = []
    for level, x in enumerate(maps):
        y = net.conv(x, width, 1, act="none", name=f"input_proj{level}")
        levels.append(net.op("reshape", y, to=(width, y.shape.positions)))
    return net.op("concat", *levels, over="width")


def _chosen(net: Net, tokens: Tensor, sizes: DecoderSizes) -> tuple[Tensor, Tensor]:
    """Place the choice of queries by the scores of all tokens; return them and their boxes."""
    with net.part("encoder_head", "enc"):
        y = net.op("layer_norm", linear(net, tokens, sizes.width, "output"), name="norm")
        scores = linear(net, y, sizes.classes, "score_head")
        best = Facts(
            "top_queries",
            Shape(sizes.width, sizes.queries),
            cost=Cost(elementwise=scores.shape.elements),
        )
        queries = net.place(Foreign(best), y, scores)
        return queries, _perceptron(net, queries, sizes.width, 4, "bbox_head")


def _layer(
    net: Net, queries: Tensor, positions: Tensor, tokens: Tensor, levels: int, sizes: DecoderSizes
) -> Tensor:
    """Place attention among queries, attention to points of the levels, two linear layers."""
    at = net.add(queries, positions)
    y = net.add(queries, multihead(net, at, at, queries, heads=sizes.heads))
    y = net.op("layer_norm", y, name="norm1")
    y = net.add(y, _sampled(net, net.add(y, positions), tokens, levels, sizes))
    y = net.op("layer_norm", y, name="norm2")
    y = net.add(y, fed(net, y, sizes.hidden, act="relu"))
    return net.op("layer_norm", y, name="norm3")


def _sampled(net: Net, queries: Tensor, tokens: Tensor, levels: int, sizes: DecoderSizes) -> Tensor:
    """Place deformable attention: values at points beside each query, weighted and summed.

    A point lies between four positions: four products and three sums, and two for its weight.
    """
    points = sizes.heads * levels * sizes.points
    with net.part("cross_attention", "cross_attn"):
        offsets = linear(net, queries, 2 * points, "sampling_offsets")
        weights = linear(net, queries, points, "attention_weights")
        weights = net.op("softmax", weights, over="channels", called="function")
        values = linear(net, tokens, sizes.width, "value_proj")
        samples = queries.shape.elements * levels * sizes.points
        facts = Facts("sampled", queries.shape, cost=Cost(elementwise=9 * samples))
        y = net.place(Foreign(facts), values, offsets, weights)
        return linear(net, y, sizes.width, "output_proj")


def _scores(net: Net, queries: Tensor, sizes: DecoderSizes, index: int) -> Tensor:
    """Place the scores of a layer; but for the last one, they are for training alone."""
    name = f"score_head{index}"
    if index == sizes.layers - 1:
        return linear(net, queries, sizes.classes, name)
    with net.training_only():
        return linear(net, queries, sizes.classes, name)


def _perceptron(net: Net, x: Tensor, hidden: int, out: int, name: str) -> Tensor:
    with net.part("perceptron", name):
        y = net.act(linear(net, x, hidden, "fc1"), "relu")
        y = net.act(linear(net, y, hidden, "fc2"), "relu")
        return linear(net, y, out, "fc3")
