"""Small modules after a layer, each with what some tool sees in a way of its own."""

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils import parametrizations, prune


class Module(NamedTuple):
    """What is called on tokens or on a map, and with which weights or layer."""

    call: Callable[[Any, Tensor], Tensor]
    learned: Callable[[], Any] = nn.Identity
    is_map: bool = False


class Followed(nn.Module):
    """A layer without a bias, and what comes after it."""

    def __init__(self, name: str) -> None:
        super().__init__()
        _, learned, is_map = self.module = MODULES[name]
        self.first: nn.Module = nn.Linear(16, 16, bias=False)
        if is_map:
            self.first = nn.Conv2d(8, 8, 1, bias=False)
        self.learned = learned()

    def forward(self, x: Tensor) -> Tensor:
        return self.module.call(self.learned, self.first(x))


def _weights(*sizes: int) -> Callable[[], nn.Parameter]:
    return lambda: nn.Parameter(torch.ones(*sizes))


def _attention(**settings: Any) -> Module:
    return Module(
        lambda layer, x: layer(x, x, x, need_weights=False)[0],
        lambda: nn.MultiheadAttention(16, 4, batch_first=True, **settings),
    )


def _recurrent(kind: type[nn.RNNBase], **settings: Any) -> Module:
    return Module(lambda layer, x: layer(x)[0], lambda: kind(16, 10, batch_first=True, **settings))


def _layer(make: Callable[[], nn.Module], *, is_map: bool = True) -> Module:
    return Module(lambda layer, x: layer(x), make, is_map)


def _pruned() -> nn.Module:
    return prune.l1_unstructured(nn.Conv2d(8, 4, 3), "weight", amount=0.5)


def _in_groups(w: Tensor, x: Tensor) -> Tensor:
    b, c, height, width = x.shape
    x = F.conv2d(x.reshape(1, b * c, height, width), w, padding=1, groups=b * c)
    return x.reshape(b, c, height, width)


MODULES = {
    "lstm_proj": _recurrent(nn.LSTM, proj_size=4),
    "rnn2bi": _recurrent(nn.RNN, num_layers=2, bidirectional=True),
    "gru2bi": _recurrent(nn.GRU, num_layers=2, bidirectional=True),
    "mha_nobias": _attention(bias=False),
    "mha_zero": _attention(add_zero_attn=True),
    "sync_bn": _layer(lambda: nn.SyncBatchNorm(8)),
    "prune_conv": _layer(_pruned),
    "wn_lin": _layer(lambda: parametrizations.weight_norm(nn.Linear(16, 4)), is_map=False),
    "groups_product": Module(_in_groups, _weights(8, 1, 3, 3), is_map=True),
    "up_folded": Module(
        lambda layer, x: layer(x.reshape(4, 2, 6, 10)), lambda: nn.Upsample(scale_factor=2), True
    ),
    "einsum_w": Module(lambda w, x: torch.einsum("btd,de->bte", x, w), _weights(16, 5)),
    "einsum_ell": Module(lambda _, x: torch.einsum("...td,...sd->...ts", x, x)),
    "addmm_w": Module(lambda w, x: torch.addmm(x[0, :, :5], x[0], w), _weights(16, 5)),
    "mm2d_wf": Module(lambda w, x: torch.mm(x[0], w), _weights(16, 5)),
    "mmf_w2": Module(lambda w, x: torch.matmul(x, w), _weights(16, 5)),
    "mmf_w4": Module(lambda w, x: torch.matmul(x[:, None], w), _weights(3, 16, 5)),
    "emb": Module(lambda layer, x: layer((x[..., 0] > 0).long()), lambda: nn.Embedding(50, 16)),
}
"""By the names of the rows of `modules.csv`."""
