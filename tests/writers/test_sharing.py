"""Sharing: which nodes are earlier ones once more."""

from tests.rows import each_of

from bncalc.model.net import Net
from bncalc.writers.sharing import is_again


@each_of(
    [("relu", True, True), ("silu", True, False), ("relu", False, False)],
)
def test_nodes_are_earlier_ones_once_more_with_their_ops_and_their_weights(
    act: str, shared: bool, again: bool
) -> None:
    net = Net((8, 8, 8))
    x = net.act(net.conv(net.input, 8), "relu")
    if shared:
        with net.sharing(1, 2):
            x = net.conv(x, 8)
    else:
        x = net.conv(x, 8)
    net.act(x, act)
    assert is_again(net.graph("net"), 3, 5, 1) == again
