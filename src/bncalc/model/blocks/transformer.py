"""What blocks of transformers share: attention as PyTorch's module has it, two linear layers."""

from bncalc.model.net import Net, Tensor


def linear(
    net: Net, x: Tensor, out: int, name: str, *, bias: bool = True, called: str = "module"
) -> Tensor:
    """Place a linear layer that works at each position."""
    return net.op("linear", x, out=out, each=True, bias=bias, called=called, name=name)


def multihead(net: Net, queries: Tensor, keys: Tensor, values: Tensor, *, heads: int) -> Tensor:
    """Place attention with a linear layer, and its bias, for each map and for what comes out.

    PyTorch's module calls functions for all of it.
    """
    out = queries.channels
    with net.part("attention", "attn"):
        q, k, v = (
            linear(net, x, out, name, called="function")
            for x, name in ((queries, "q"), (keys, "k"), (values, "v"))
        )
        scores = net.op("attention_scores", q, k, heads=heads, called="function")
        shares = net.op("softmax", scores, over="width", called="function")
        y = net.op("attention_mix", shares, v, called="function")
        return linear(net, y, out, "proj", called="function")


def fed(net: Net, x: Tensor, hidden: int, *, act: str, bias: bool = True) -> Tensor:
    """Place two linear layers, with an activation between them."""
    y = net.act(linear(net, x, hidden, "fc1", bias=bias), act)
    return linear(net, y, x.channels, "fc2", bias=bias)
