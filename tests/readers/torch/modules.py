"""Small modules after a layer, each with what some tool sees in a way of its own."""

import math
import operator
from collections.abc import Callable
from functools import reduce
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch import bmm as kept_bmm
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


def _measured_if_traced(_: Any, x: Tensor) -> Tensor:
    height, width = x.shape[2:]
    return x.reshape(1, 8, 1 * height * width if torch.jit.is_tracing() else 60)


def _pruned() -> nn.Module:
    return prune.l1_unstructured(nn.Conv2d(8, 4, 3), "weight", amount=0.5)


def _in_groups(w: Tensor, x: Tensor) -> Tensor:
    b, c, height, width = x.shape
    x = F.conv2d(x.reshape(1, b * c, height, width), w, padding=1, groups=b * c)
    return x.reshape(b, c, height, width)


def _channels_last(layers: nn.ModuleList, x: Tensor) -> Tensor:
    y = F.relu(x.transpose(1, 2).reshape(1, 16, 3, 4))  # its elements lie as those of the tokens
    return layers[1](layers[0](y).flatten(2).transpose(1, 2))


class PaddedPool(nn.AvgPool2d):
    """A pool that pads its map before it calls the function."""

    def forward(self, input: Tensor) -> Tensor:
        return F.avg_pool2d(F.pad(input, (1, 1, 1, 1)), self.kernel_size, self.stride)


class Matrix(nn.Module):
    """A matrix under a name that torchinfo takes for part of a recurrent layer."""

    def __init__(self) -> None:
        super().__init__()
        self.qkv_weight = nn.Parameter(torch.ones(16, 5))

    def forward(self, x: Tensor) -> Tensor:
        return torch.matmul(x, self.qkv_weight)


class ChannelsLast(nn.LayerNorm):
    """A norm derived from PyTorch's, on maps."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class NormAct(nn.BatchNorm2d):
    """A norm derived from PyTorch's, with an activation as its part."""

    def __init__(self, channels: int) -> None:
        super().__init__(channels)
        self.act = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        x = F.batch_norm(x, self.running_mean, self.running_var, self.weight, self.bias)
        y: Tensor = self.act(x)
        return y


class Tied(nn.Module):
    """A table of words, and a layer that has its numbers as weights."""

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Embedding(9, 16)
        self.head = nn.Linear(16, 9, bias=False)
        self.head.weight = self.table.weight

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.head(self.table(x))
        return y


class Means(nn.AvgPool2d):
    """A pooling derived from PyTorch's."""


class InTurn(nn.Module):
    """A layer that is a part of two of its parts."""

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.first = nn.Sequential(layer, nn.Identity())
        self.second = nn.Sequential(nn.Identity(), layer)

    def forward(self, x: Tensor) -> Tensor:
        return self.second(self.first(x))


class Learned(nn.Module):
    """A map of its own that a layer looks at, added to what arrives."""

    def __init__(self, layer: nn.Module, *sizes: int) -> None:
        super().__init__()
        self.map = nn.Parameter(torch.ones(*sizes))
        self.layer = layer

    def forward(self, x: Tensor) -> Tensor:
        return x + self.layer(self.map)


class Keeping(nn.Module):
    """A function that it took before any tool replaced it."""

    def __init__(self) -> None:
        super().__init__()
        self.act = F.relu

    def forward(self, x: Tensor) -> Tensor:
        return self.act(x)


class Own(nn.MultiheadAttention):
    """Attention derived from PyTorch's."""


class Unread(nn.Module):
    """A layer whose map nothing reads."""

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, x: Tensor) -> Tensor:
        self.layer(x)
        return x * 2


class Alone(nn.MultiheadAttention):
    """Attention derived from PyTorch's that is given one map."""

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = super().forward(x, x, x, need_weights=False)[0]
        return y


class Smooth(nn.Upsample):
    """A resizing derived from PyTorch's that is made as another one than it does."""

    def forward(self, x: Tensor) -> Tensor:
        return F.interpolate(x, scale_factor=2, mode="bilinear")


class Product(nn.Linear):
    """A linear layer derived from PyTorch's that multiplies by itself, and by other weights."""

    def __init__(self) -> None:
        super().__init__(16, 5)
        self.further = nn.Parameter(torch.ones(5, 5))

    def forward(self, x: Tensor) -> Tensor:
        return (x @ self.weight.T + self.bias) @ self.further


class Same(nn.Conv2d):
    """A convolution derived from PyTorch's that changes nothing."""


def _hooked() -> nn.Module:
    layer = nn.Conv2d(8, 4, 3)
    layer.register_forward_hook(lambda _, given, made: F.relu(made))
    return layer


def _by_another(function: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    return function(x)


def _by_its_size(w: Tensor, x: Tensor) -> Tensor:
    return x.new_zeros(F.conv2d(x, w).shape) + x.mean()


def _filled(_: Any, x: Tensor) -> Tensor:
    """Fill up to whole windows, by other functions if sizes are traced."""
    side: Any = x.shape[-1]
    steps = (side / 4).ceil() if isinstance(side, Tensor) else math.ceil(side / 4)
    return F.pad(x, (0, steps * 4 - side))


def _filled_if_short(_: Any, x: Tensor) -> Tensor:
    """Fill up to whole windows less three, which is nothing here."""
    side: Any = x.shape[-1]
    if isinstance(side, Tensor):
        more: Any = torch.clamp((side / 4).ceil() * 4 - side - 3, min=0)
    else:
        more = max(math.ceil(side / 4) * 4 - side - 3, 0)
    return F.pad(x, (0, more))


def _filled_by_python(_: Any, x: Tensor) -> Tensor:
    """Fill up to whole windows by numbers, also if sizes are traced."""
    side = x.shape[-1]
    return F.pad(x, (0, math.ceil(side / 4) * 4 - side))


def _heads(x: Tensor) -> Tensor:
    return x.reshape(1, 12, 4, 4).transpose(1, 2)


def _with_mask(_: Any, x: Tensor) -> Tensor:
    q = _heads(x)
    return F.scaled_dot_product_attention(q, q, q, attn_mask=x[:, None, :, :12])


def _in_groups_of_heads(_: Any, x: Tensor) -> Tensor:
    q = _heads(x)
    return F.scaled_dot_product_attention(q, q[:, :1], q[:, :1], enable_gqa=True)


def _with_one_head_of_keys(_: Any, x: Tensor) -> Tensor:
    q = _heads(x)
    return F.scaled_dot_product_attention(q, q[:, :1], q[:, :1])


def _inferred(layer: nn.Module, x: Tensor) -> Tensor:
    with torch.inference_mode():
        y: Tensor = layer(x)
        return y


def _sampled(x: Tensor, mode: str) -> Tensor:
    places = torch.zeros(1, 4, 5, 2, device=x.device)
    return F.grid_sample(x, places, mode=mode, align_corners=False)


def _of_channels(layer: nn.Module, x: Tensor) -> Tensor:
    return F.linear(x.permute(0, 2, 3, 1), layer.weight, layer.bias)


def _looked_up(table: nn.Module, x: Tensor) -> Tensor:
    return F.embedding((x[..., 0] > 0).long(), table.weight)


def _masked(layer: nn.Module, x: Tensor) -> Tensor:
    return layer(x, x, x, attn_mask=torch.zeros(12, 12, device=x.device))[0]


def _padded(layer: nn.Module, x: Tensor) -> Tensor:
    return layer(x, x, x, key_padding_mask=torch.zeros(1, 12, device=x.device) > 0)[0]


MODULES = {
    "mat_qkv_weight_f": _layer(Matrix, is_map=False),
    "emb_F": Module(_looked_up, lambda: nn.Embedding(50, 16)),
    "conv2_torch": Module(lambda w, x: torch.conv2d(x, w), _weights(4, 8, 3, 3), True),
    "conv2_same_even": _layer(lambda: nn.Conv2d(8, 4, 4, padding="same")),
    "conv2_same_named": Module(
        lambda layer, x: layer(input=x), lambda: nn.Conv2d(8, 4, 4, padding="same"), is_map=True
    ),
    "conv2_same_wn": _layer(
        lambda: parametrizations.weight_norm(nn.Conv2d(8, 4, 4, padding="same"))
    ),
    "tconv2_osize": Module(
        lambda layer, x: layer(x, output_size=(12, 20)),
        lambda: nn.ConvTranspose2d(8, 4, 3, stride=2, padding=1),
        True,
    ),
    "ln2ds": _layer(lambda: ChannelsLast(8)),
    "norm_act": _layer(lambda: NormAct(8)),
    "tconv_of_one": Module(
        lambda layer, x: layer(x.mean(1)[:, :, None, None]),
        lambda: nn.ConvTranspose2d(16, 4, 4, bias=False),
    ),
    "sub_poolsub": _layer(lambda: Means(2)),
    "act_Softmax2d": _layer(nn.Softmax2d),
    "sh_conv_deep": _layer(lambda: InTurn(nn.Conv2d(8, 8, 3, padding=1))),
    "sh_relu_deep": _layer(lambda: InTurn(nn.ReLU())),
    "sh_bn_deep": _layer(lambda: InTurn(nn.BatchNorm2d(8))),
    "w_mod_ln": _layer(lambda: Learned(nn.LayerNorm(16), 1, 12, 16), is_map=False),
    "w_mod_bn": _layer(lambda: Learned(nn.BatchNorm2d(8), 1, 8, 6, 10)),
    "w_mod_gelu": _layer(lambda: Learned(nn.GELU(), 1, 8, 6, 10)),
    "kept_relu": _layer(Keeping),
    "w_mulf_s": Module(lambda w, x: torch.mul(x, w), _weights(16)),
    "xx_bc_f": Module(lambda _, x: torch.matmul(x, x.reshape(1, 3, 4, 16).transpose(-1, -2))),
    "xx_baddbmm": Module(lambda _, x: torch.baddbmm(x[:, :, :12], x, x.transpose(1, 2))),
    "mha_mask": Module(_masked, lambda: nn.MultiheadAttention(16, 4, batch_first=True)),
    "avgpool2_nopad": _layer(lambda: nn.AvgPool2d(3, 2, 1, count_include_pad=False)),
    "up_bl2d": _layer(lambda: nn.UpsamplingBilinear2d(scale_factor=2)),
    "up_half": _layer(lambda: nn.Upsample(scale_factor=1.5)),
    "sz_traced": Module(_measured_if_traced, is_map=True),
    "up2_area": _layer(lambda: nn.Upsample(scale_factor=2, mode="area")),
    "up_part_area": _layer(lambda: nn.Upsample(scale_factor=1.5, mode="area")),
    "up_round": _layer(lambda: nn.Upsample(scale_factor=1.3, mode="bilinear")),
    "up_uneven": _layer(lambda: nn.Upsample(scale_factor=(1.3, 2.0))),
    "up_unlisted": _layer(lambda: nn.UpsamplingNearest2d(scale_factor=1.5)),
    "act_Hardtanh6": _layer(lambda: nn.Hardtanh(0.0, 6.0)),
    "ndqlinear": _layer(
        lambda: nn.modules.linear.NonDynamicallyQuantizableLinear(16, 5), is_map=False
    ),
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
    "rGRU_nb": Module(lambda layer, x: layer(x[0])[0], lambda: nn.GRU(16, 10)),
    "rRNN_nb_2bi": Module(
        lambda layer, x: layer(x[0])[0], lambda: nn.RNN(16, 10, num_layers=2, bidirectional=True)
    ),
    "rLSTM_nb": Module(lambda layer, x: layer(x[0])[0], lambda: nn.LSTM(16, 10)),
    "rRNN_b3_3": Module(
        lambda layer, x: layer(x.reshape(3, 4, 16))[0],
        lambda: nn.RNN(16, 10, num_layers=3, batch_first=True),
    ),
    "rRNN_twice": Module(
        lambda layer, x: layer(layer(x)[0])[0], lambda: nn.RNN(16, 16, batch_first=True)
    ),
    "in_lin2d": _layer(lambda: Learned(nn.Linear(8, 16), 12, 8), is_map=False),
    "in_tconv": _layer(lambda: Learned(nn.ConvTranspose2d(4, 8, 2, 2), 1, 4, 3, 5)),
    "in_rms": _layer(lambda: Learned(nn.RMSNorm(16), 12, 16), is_map=False),
    "c2_nobatch": Module(lambda layer, x: layer(x[0]), lambda: nn.Conv2d(8, 6, 3, padding=1), True),
    "ap2_nb": Module(lambda layer, x: layer(x[0]), lambda: nn.AvgPool2d(2), True),
    "in2_nb": Module(lambda layer, x: layer(x[0]), lambda: nn.InstanceNorm2d(8, affine=True), True),
    "mhas_w": Module(lambda layer, x: layer(x, x, x)[0], lambda: Own(16, 4, batch_first=True)),
    "mhas_cross": Module(
        lambda layer, x: layer(x[:, :3], x, x)[0], lambda: Own(16, 4, batch_first=True)
    ),
    "mhas_nw": Module(
        lambda layer, x: layer(x, x, x, need_weights=False)[0], lambda: Own(16, 4, batch_first=True)
    ),
    "mha_2dnw": Module(
        lambda layer, x: layer(x[0], x[0], x[0], need_weights=False)[0],
        lambda: nn.MultiheadAttention(16, 4),
    ),
    "dead_conv": _layer(lambda: Unread(nn.Conv2d(8, 4, 3))),
    "sd_mx": Module(_with_mask),
    "sd_gqa2": Module(_in_groups_of_heads),
    "pr_lin1t": Module(lambda w, x: F.linear(x, w), _weights(16)),
    "pr_w1x3": Module(lambda w, x: w @ x, _weights(12)),
    "pr_addmm_a": Module(
        lambda w, x: torch.addmm(w[0], x[0], w, beta=0.5, alpha=2), _weights(16, 5)
    ),
    "st_fn": Module(_of_channels, lambda: nn.Linear(8, 5), True),
    "upsU_sf3": Module(lambda _, x: F.upsample(x, scale_factor=3), is_map=True),
    "upsU_sf25": Module(lambda _, x: F.upsample(x, scale_factor=2.5, mode="bilinear"), is_map=True),
    "ups_rsf": _layer(
        lambda: nn.Upsample(scale_factor=2, mode="bilinear", recompute_scale_factor=True)
    ),
    "am2_idx": Module(
        lambda layer, x: layer(x)[0], lambda: nn.AdaptiveMaxPool2d(2, return_indices=True), True
    ),
    "lp2_3": _layer(lambda: nn.LPPool2d(3, 2, 1, True)),
    "am_LogSoftmax": _layer(lambda: nn.LogSoftmax(-1)),
    "ot_msum": Module(lambda _, x: sum([x, x * 2, x * 3]), is_map=True),
    "pm_orth_hh": _layer(
        lambda: parametrizations.orthogonal(nn.Linear(16, 5), orthogonal_map="householder"),
        is_map=False,
    ),
    "pm_orth_conv3": _layer(lambda: parametrizations.orthogonal(nn.Conv2d(8, 4, 3))),
    "bil_diff": Module(lambda layer, x: layer(x, x[..., :8]), lambda: nn.Bilinear(16, 8, 4)),
    "rGRU_cell_nobatch": Module(lambda layer, x: layer(x[0, 0]), lambda: nn.GRUCell(16, 10)),
    "kw_conv": Module(lambda layer, x: layer(input=x), lambda: nn.Conv2d(8, 4, 3), True),
    "kw_lin": Module(lambda layer, x: layer(input=x), lambda: nn.Linear(16, 5)),
    "kw_gru": Module(lambda layer, x: layer(input=x)[0], lambda: nn.GRU(16, 10, batch_first=True)),
    "kp_reduce": Module(lambda _, x: reduce(operator.add, [x, x, x]), is_map=True),
    "kp_opmm": Module(lambda _, x: operator.matmul(x, x.mT)),
    "mha_zero_w": Module(
        lambda layer, x: layer(x, x, x)[0],
        lambda: nn.MultiheadAttention(16, 4, add_zero_attn=True, batch_first=True),
    ),
    "mhas_sup": _layer(lambda: Alone(16, 4, batch_first=True), is_map=False),
    "kw_mha": Module(
        lambda layer, x: layer(x, key=x, value=x)[0],
        lambda: nn.MultiheadAttention(16, 4, batch_first=True),
    ),
    "mha_wout": Module(
        lambda layer, x: layer(x, x, x)[1], lambda: nn.MultiheadAttention(16, 4, batch_first=True)
    ),
    "sz_asked": Module(_filled, is_map=True),
    "sz_python": Module(_filled_by_python, is_map=True),
    "nm_stats": Module(
        lambda w, x: F.batch_norm(x, w[0], w[1]),
        lambda: nn.ParameterList([nn.Parameter(torch.ones(8), requires_grad=False)] * 2),
        True,
    ),
    "nm_tracked": _layer(lambda: nn.InstanceNorm2d(8, affine=True, track_running_stats=True)),
    "pr_ones": Module(lambda _, x: x.matmul(x.new_ones(16, 5))),
    "pr_onesm": Module(lambda _, x: torch.mm(x[0], x.new_ones(16, 5))),
    "es_listed": Module(lambda w, x: torch.einsum("xyz,xwz->xwy", x, w), _weights(1, 5, 16)),
    "es_rounded": Module(lambda w, x: torch.einsum("bnd, de -> bne", x, w), _weights(16, 33)),
    "es_three": Module(lambda w, x: torch.einsum("bnd,de,bne->bn", x, w, x), _weights(16, 16)),
    "tied": Module(lambda layer, x: layer((x > 0).long()[..., 0]), Tied),
    "argmin": Module(lambda _, x: x.argmin(1, keepdim=True) * x),
    "sz_limited": Module(_filled_if_short, is_map=True),
    "dd_shape": Module(_by_its_size, _weights(4, 8, 3, 3), True),
    "lf_sup": _layer(Smooth),
    "hk_post": _layer(_hooked),
    "lf_prod": _layer(Product, is_map=False),
    "up_exact": _layer(lambda: nn.Upsample(scale_factor=2, mode="nearest-exact")),
    "ff_exact": Module(lambda _, x: F.interpolate(x, (9, 9), mode="nearest-exact"), is_map=True),
    "ff_smooth": Module(
        lambda _, x: F.interpolate(x, (9, 9), mode="bilinear", antialias=True), is_map=True
    ),
    "pd_sup": _layer(lambda: Same(8, 4, 3, padding="same")),
    "pd_split": _layer(lambda: nn.utils.spectral_norm(nn.Conv2d(8, 4, 3, padding="valid"))),
    "nm_kept": Module(
        lambda layer, x: layer(x), lambda: nn.utils.spectral_norm(nn.Linear(16, 8)).eval()
    ),
    "tb_read": Module(
        lambda layer, x: layer((x @ layer.weight.mT)[0].argmax(1)), lambda: nn.Embedding(50, 16)
    ),
    "kp_lamb": Module(lambda _, x: _by_another(F.relu, x), is_map=True),
    "kp_bmm": Module(lambda _, x: kept_bmm(x, x.mT)),
    "pr_rmatmul": Module(lambda w, x: x.__rmatmul__(w), _weights(12, 12)),
    "pr_baddbmm_1": Module(
        lambda _, x: torch.baddbmm(torch.empty(1, 1, 1, device=x.device), x, x.mT, beta=0)
    ),
    "sd_2d": Module(lambda _, x: F.scaled_dot_product_attention(x[0], x[0], x[0])),
    "softmax_none": Module(lambda layer, x: layer(x), nn.Softmax),
    "rk_preb": Module(lambda layer, x: layer(x.reshape(2, 4, 6, 10)), nn.PReLU, True),
    "ff_cconv": Module(
        lambda layer, x: layer(torch.complex(x, x)).real,
        lambda: nn.Conv2d(8, 4, 3, dtype=torch.complex64),
        True,
    ),
    "ff_csame": Module(
        lambda layer, x: layer(torch.complex(x, x)).real,
        lambda: nn.Conv2d(8, 4, 4, padding="same", dtype=torch.complex64),
        True,
    ),
    "ff_cvalid": Module(
        lambda w, x: F.conv2d(torch.complex(x, x), torch.complex(w, w), padding="valid").real,
        _weights(4, 8, 3, 3),
        True,
    ),
    "kp_beside": Module(
        lambda w, x: operator.matmul(torch.matmul(x, w).mul(2).mT, x), _weights(16, 5)
    ),
    "kp_sum": Module(lambda _, x: sum([torch.add(x, 1), x, operator.add(x, x)])),
    "kp_norms": Module(
        lambda w, x: torch.layer_norm(F.layer_norm(x, (16,), w), (16,), w), _weights(16)
    ),
    "mp_index": Module(lambda _, x: F.max_pool2d(x, 2, return_indices=True)[0], is_map=True),
    "ct_outk": Module(lambda _, x: torch.add(x, x, out=torch.empty_like(x))),
    "ct_inf": Module(_inferred, lambda: nn.Linear(16, 5)),
    "sd_mqab": Module(_with_one_head_of_keys),
    "ei_list": Module(lambda _, x: torch.einsum("bnc,bmc->bnm", [x, x])),
    "wi_gridn": Module(lambda _, x: _sampled(x, "nearest"), is_map=True),
    "wi_gridbic": Module(lambda _, x: _sampled(x, "bicubic"), is_map=True),
    "la_addmv": Module(lambda _, x: torch.addmv(x[0, :, 0], x[0], x[0, 0])),
    "la_multidot": Module(lambda _, x: torch.linalg.multi_dot([x[0], x[0].t(), x[0]])),
    "tb_bagM": Module(lambda layer, x: layer((x[0] > 0).long()), lambda: nn.EmbeddingBag(9, 4)),
    "se_scatadd": Module(
        lambda _, x: torch.zeros_like(x).scatter_add(1, torch.zeros_like(x).long(), x)
    ),
    "cl_conv": Module(
        _channels_last, lambda: nn.ModuleList([nn.Conv2d(16, 8, 3), nn.Linear(8, 5)])
    ),
    "he_avgpad": _layer(lambda: PaddedPool(3, 2)),
    "mh_kpm": Module(_padded, lambda: nn.MultiheadAttention(16, 4, batch_first=True)),
    "mhas_kpm": Module(_padded, lambda: Own(16, 4, batch_first=True)),
    "emb": Module(lambda layer, x: layer((x[..., 0] > 0).long()), lambda: nn.Embedding(50, 16)),
}
"""By the names of the rows of `modules.csv`."""
