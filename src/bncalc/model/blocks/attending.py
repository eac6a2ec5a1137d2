"""What YOLO's attention blocks share: attention between positions, and two 1×1 after it."""

from bncalc.model.net import Net, Tensor


def attended(
    net: Net, qkv: tuple[Tensor, Tensor, Tensor], *, heads: int, areas: int = 1, kernel: int
) -> Tensor:
    """Place attention of queries to keys, and a depthwise convolution of the values beside it."""
    q, k, v = qkv
    scores = net.op("attention_scores", q, k, heads=heads, areas=areas)
    shares = net.op("softmax", scores, over="width", called="method")
    y = net.op("attention_mix", shares, v, areas=areas)
    y = net.add(y, net.depthwise(v, kernel, act="none", name="pe"))
    return net.conv(y, v.channels, 1, act="none", name="proj")


def fed_forward(net: Net, x: Tensor, hidden: int, name: str) -> Tensor:
    """Place two 1×1 convolutions, and add what entered them."""
    y = net.conv(x, hidden, 1, name=f"{name}1")
    return net.add(x, net.conv(y, x.channels, 1, act="none", name=f"{name}2"))
