"""Networks whose functions are no ops of the language: a writer needs all of their calls."""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils import parametrizations


class Masked(nn.Module):
    """Attention with a learned mask that is looked up, and with one head of keys for all."""

    def __init__(self) -> None:
        super().__init__()
        self.qkv = nn.Linear(8, 24)
        self.table = nn.Parameter(torch.zeros(7, 2))
        at = torch.arange(4)
        offsets = (at[:, None] - at + 3)[None, None]
        self.register_buffer("index", offsets * 2 + torch.arange(2)[:, None, None])
        self.key = nn.Linear(8, 4)
        self.proj = nn.Linear(8, 8)

    def forward(self, x: Tensor) -> Tensor:
        q, k, v = self.qkv(x).reshape(-1, 4, 3, 2, 4).permute(2, 0, 3, 1, 4).unbind(0)
        mask = self.table.flatten()[self.index]
        y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        key = self.key(x).unsqueeze(1)
        y = F.scaled_dot_product_attention(y, key, key)
        return self.proj(y.transpose(1, 2).flatten(2)).transpose(1, 2)


class Equations(nn.Module):
    """An equation with learned numbers, unlike axes, lengths along an axis, and padded windows."""

    def __init__(self) -> None:
        super().__init__()
        self.patches = nn.Conv2d(3, 8, 2, 2)
        self.learned = nn.Parameter(torch.zeros(4, 5, 8))
        self.gate = nn.Linear(8, 16)
        self.norm = nn.LayerNorm(8, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        x = self.patches(x)
        gates = self.gate(x.mean((2, 3))).view(-1, 2, 8, 1, 1).softmax(1)
        x = (x.unflatten(1, (1, 8)) * gates).sum(1)
        x = self.norm(x.permute(0, 2, 3, 1))
        x = x * torch.einsum("bhwc,hkc->bhwk", x, self.learned).sum(-1, keepdim=True)
        x = F.pad(F.normalize(x, dim=2), (0, 0, 1, 1, 1, 1))
        n, h, w, c = x.shape
        x = x.view(n, h // 2, 2, w // 2, 2, c).transpose(2, 3).reshape(-1, 4, c)
        x = x @ F.normalize(x, dim=1).transpose(1, 2) @ x
        means = x.view(n, -1, 4, c).mean(1).repeat_interleave(h * w // 4, dim=0)
        return torch.maximum(x, means).reshape(n, -1, 4, c)


class Unfolded(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.part = nn.Linear(12, 12, bias=False)
        self.biases = nn.Parameter(torch.zeros(8))
        self.register_buffer("fixed", torch.zeros(4))
        self.register_buffer("order", torch.tensor([0, 1, 2, 3, 8, 9, 10, 11, 4, 5, 6, 7]))

    def forward(self, x: Tensor) -> Tensor:
        y = F.unfold(x, 2, stride=2).transpose(1, 2)
        bias = torch.cat((self.biases[:4], self.fixed, self.biases[4:]))
        y = F.linear(y, self.part.weight, bias)
        y = torch.cat((y[:, 0:1], y[:, 1:] + y[:, :1]), 1)
        y = F.fold(y.transpose(1, 2), (4, 4), 2, stride=2)
        return torch.addcmul(y, y, y.flip(2), value=0.5)


class Positions(nn.Module):
    """A table of positions that layers work out of fixed numbers, for each head of the scores."""

    def __init__(self) -> None:
        super().__init__()
        self.qkv = nn.Linear(8, 24)
        self.proj = nn.Linear(8, 8)
        self.register_buffer("offsets", torch.rand(7, 2))
        self.first, self.second = nn.Linear(2, 6), nn.Linear(6, 2, bias=False)
        at = torch.arange(4)
        self.register_buffer("index", (at[:, None] - at + 3).flatten())

    def forward(self, x: Tensor) -> Tensor:
        q, k, v = self.qkv(x).reshape(-1, 4, 3, 2, 4).permute(2, 0, 3, 1, 4).unbind(0)
        table = self.second(self.first(self.offsets).relu())
        bias = table[self.index].view(4, 4, 2).permute(2, 0, 1).unsqueeze(0)
        scores = F.normalize(q, dim=-1) @ F.normalize(k, dim=-1).transpose(-2, -1)
        y = (scores + 4 * bias.sigmoid()).softmax(-1) @ v
        return self.proj(y.transpose(1, 2).flatten(2)).transpose(1, 2)


class Standardised(nn.Conv2d):
    """A convolution whose weights a norm standardises, with a scaled gain or none."""

    def __init__(self, cin: int, out: int, *, eps: float, scale: float = 0) -> None:
        super().__init__(cin, out, 3)
        self.gain = nn.Parameter(torch.ones(out, 1, 1, 1)) if scale else None
        self.scale, self.eps = scale, eps

    def forward(self, x: Tensor) -> Tensor:
        gain = None if self.gain is None else (self.gain * self.scale).view(-1)
        flat = self.weight.reshape(1, self.out_channels, -1)
        flat = F.batch_norm(flat, None, None, gain, training=True, eps=self.eps)
        return F.conv2d(x, flat.reshape_as(self.weight), self.bias)


class Standardising(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first = Standardised(3, 4, eps=0.01)
        self.second = Standardised(4, 4, eps=0.1, scale=0.5)

    def forward(self, x: Tensor) -> Tensor:
        return self.second(self.first(x))


def _folded(x: Tensor) -> Tensor:
    """Return patches of 2 by 2, N × C × places × patches of 4 by 4, as a map."""
    return x.reshape(-1, 4, 2, 2, 4, 4).permute(0, 1, 4, 2, 5, 3).reshape(-1, 4, 8, 8)


def _replaced(x: Tensor) -> Tensor:
    y = x.relu()
    y[:, 1:, ::2] = x[:, 1:, ::2] * 2 + y[:, 1:, 1::2]
    y[..., 0] = 0.5
    return y


def _gated(x: Tensor) -> Tensor:
    """Multiply channels, as many as rows and columns, by what neighbours of them say."""
    y = F.avg_pool1d(x.mean((2, 3)).unsqueeze(1), 3, 1, 1)
    return x * y.view(-1, x.shape[1], 1, 1).expand_as(x)


def _changed(x: Tensor) -> Tensor:
    """Return a map of which parts are written over in place, some of them by themselves."""
    y = x * 2
    y[:, 0] = 0
    y[:, 1:3] *= 3
    z = y.clone()
    z[:, :, ::2, 1:] = x[:, :, ::2, 1:]
    return y * z


def _views_changed(x: Tensor) -> Tensor:
    """Return maps that are written over through views of them, and views of those written over."""
    a, b, c, d, e = x * 1, x * 2, x * 3, x * 4, x * 5
    a[:, :2].mul_(2)
    first, second = b.chunk(2, 1)
    first.add_(second)
    F.relu(c[:, 1:3], inplace=True)
    flat = d.flatten(2)
    flat[:, :, 3:5] = 0
    part = e[:, 1:, ::2]
    e.select(2, 4).zero_()
    e.detach().add_(1)
    e[:, 2].copy_(x[:, 0])
    e[e > 6] = float("nan")
    return torch.cat([a, b, c, d, e.nan_to_num(7.0), part.nan_to_num(8.0).repeat(1, 1, 2, 1)], 1)


def _shifted(x: Tensor) -> Tensor:
    """Return channels that are moved along rows, written into a map of zeros."""
    y = torch.zeros_like(x)
    y[:, :2, 1:], y[:, 2:3, :-1], y[:, 3:] = x[:, :2, :-1], x[:, 2:3, 1:], x[:, 3:]
    return y


def _moved(x: Tensor) -> Tensor:
    return x.movedim((1, 2), (-1, 1)).swapaxes(axis0=1, axis1=2)


def _compared(x: Tensor) -> Tensor:
    """Return what conditions on maps leave of one."""
    positive = (x > 0.1) & (x <= x.mean(1, keepdim=True))
    y = torch.where(positive, x, x * (x != 0)) + torch.logical_not(positive).to(x.dtype)
    return y.masked_fill(y >= 1, float("nan")).nan_to_num(0.5)


def _bounded(x: Tensor) -> Tensor:
    """Return the sum of functions of each element, or along an axis, that are no ops of ours."""
    y = F.celu(x, 0.7) + F.hardtanh(x * 1, -0.5, 0.7, True) + F.threshold(x, 0.1, -3.0)
    y = y + F.hardshrink(x, 0.2) + F.softshrink(x, 0.3) + F.tanhshrink(x) + F.logsigmoid(x)
    y = y + F.glu(torch.cat([x, -x], 1), 1) + F.log_softmax(x, 1) + F.softmin(x, 3) + x.cumsum(2)
    return y + x.logsumexp(1, keepdim=True) + torch.atan2(x, y) + torch.pi * x


def _windows_shifted(x: Tensor) -> Tensor:
    """Scores with a mask that is written part by part, and read several times."""
    mask, parts = x.new_zeros((8, 8)), (slice(0, -4), slice(-4, -2), slice(-2, None))
    for number, (rows, columns) in enumerate([(r, c) for r in parts for c in parts]):
        mask[rows, columns] = number
    mask = mask.view(2, 4, 2, 4).transpose(1, 2).contiguous().view(4, 16)
    mask = mask.unsqueeze(1) - mask.unsqueeze(2)
    mask = mask.masked_fill(mask != 0, -100.0).masked_fill(mask == 0, 0.0)
    return x.reshape(-1, 1, 16, 16) + mask


FUNCTIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "alpha": lambda x: torch.add(x, x.relu(), alpha=2),
    "alpha of a number": lambda x: torch.add(x, 2, alpha=2),
    "alpha by name": lambda x: torch.sub(alpha=3, other=x.relu(), input=x),
    "other order": lambda x: torch.sub(other=x, input=x.relu()),
    "negative base": lambda x: (-0.5) ** x,
    "rounding": lambda x: torch.div(x, 0.3, rounding_mode="floor"),
    "threshold": lambda x: F.softplus(x, beta=2, threshold=1),
    "divisor": lambda x: F.avg_pool2d(x, 2, divisor_override=3),
    "repeated as": lambda x: _gated(x.repeat(1, 2, 1, 1)),
    "biased": lambda x: x.std(dim=(2, 3), unbiased=False, keepdim=True),
    "correction": lambda x: torch.var(x, dim=1, correction=0),
    "epsilon": lambda x: F.normalize(x, dim=1, eps=1.0),
    "epsilon over axes": lambda x: F.layer_norm(x, (4, 8, 8), eps=0.1),
    "less epsilon over axes": lambda x: F.layer_norm(x / 1000, (4, 8, 8), eps=1e-12),
    "root over axes": lambda x: F.rms_norm(x / 1000, (4, 8, 8), eps=1e-6),
    "norm by place": lambda x: x / x.norm(2, 1, keepdim=True),
    "norm of vectors": lambda x: x / torch.linalg.vector_norm(x, ord=2, dim=(2, 3), keepdim=True),
    "decimals": lambda x: x.round(decimals=1),
    "causal": lambda x: x + F.scaled_dot_product_attention(x, x, x, scale=0.3, is_causal=True),
    "factor": lambda x: F.interpolate(x, scale_factor=1.3, mode="bilinear"),
    "parts replaced": _replaced,
    "nothing and the rest": lambda x: torch.cat([x[:, :0], x[:, 0:] * 2], 1),
    "usual": lambda x: x + F.scaled_dot_product_attention(x, x, x, scale=8**-0.5),
    "folded back": lambda x: _folded(x.flatten(2).unflatten(2, (4, -1)) * 2),
    "parts changed": _changed,
    "views changed": _views_changed,
    "written into zeros": _shifted,
    "windows shifted": _windows_shifted,
    "compared": _compared,
    "bounded": _bounded,
    "put out in another order": lambda x: x.mT * x.relu(),
    "largest": lambda x: x.topk(3, dim=1)[0],
    "places in order": lambda x: x.gather(2, torch.sort(x, 2, descending=True)[1]),
    "which is largest": lambda x: x.max(1)[1] * 0.5,
    "largest and which": lambda x: torch.add(*x.max(1)),
    "sampled": lambda x: F.grid_sample(x, x[:, :2].movedim(1, -1).tanh(), align_corners=True),
    "axes moved": lambda x: (_moved(x) * torch.arange(4.0)).movedim(3, 1),
    "factor of sizes": lambda x: F.interpolate(x, scale_factor=(2.0, 1.5), mode="bilinear"),
}


class Told(nn.Module):
    """A call with arguments that no op of the language has, or in an order of its own."""

    def __init__(self, how: str) -> None:
        super().__init__()
        self.function = FUNCTIONS[how]

    def forward(self, x: Tensor) -> Tensor:
        return self.function(x)


class Located(nn.Module):
    """A layer on positions that are worked out from sizes."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(4, 3, 1)

    def forward(self, x: Tensor) -> Tensor:
        ones = x.new_ones(1, *x.shape[2:])
        rows, columns = ones.cumsum(1), ones.cumsum(2)
        rows, columns = rows / x.shape[2] - 0.5, columns / x.shape[3] - 0.5
        return x + self.conv(torch.stack((rows, columns, rows * columns, rows - columns), 1))


class Tracked(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.InstanceNorm2d(4, track_running_stats=True)
        self.gru = nn.GRU(8, 4, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        y = F.scaled_dot_product_attention(self.norm(x), x, x, x @ x.transpose(2, 3))
        return self.gru(y[:, 0], x[:, :1, :, 0].transpose(0, 1).reshape(1, -1, 4)[:, :1])[0]


class Statistics(nn.Module):
    """A norm of each image by statistics of many."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.InstanceNorm2d(4, affine=True, track_running_stats=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.norm(x)


class Normed(nn.Module):
    """Weights that are norms and directions, or are divided by their largest singular value."""

    def __init__(self) -> None:
        super().__init__()
        self.first = parametrizations.weight_norm(nn.Conv2d(3, 4, 3))
        self.second = parametrizations.spectral_norm(nn.Conv2d(4, 4, 3, bias=False))
        self.norms = nn.Parameter(torch.ones(4, 1, 1, 1))
        self.direction = nn.Parameter(torch.zeros(4, 6, 2, 2))

    def forward(self, x: Tensor) -> Tensor:
        x = self.second(self.first(x))
        weight = torch._weight_norm(self.direction, self.norms, 0)
        return F.conv_transpose2d(x, weight)


class Computed(nn.Module):
    """Weights, biases, factors and positions that are all worked out from learned numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        self.gamma = nn.Parameter(torch.zeros(4))
        self.gate = nn.Parameter(torch.zeros(4))
        self.positions = nn.Parameter(torch.zeros(1, 4, 3, 3))
        self.norm = nn.BatchNorm2d(4)

    def forward(self, x: Tensor) -> Tensor:
        weight = self.conv.weight
        weight = (weight - weight.mean((1, 2, 3), keepdim=True)) / (weight.std() + 1e-5)
        x = F.conv2d(x, weight, 2 - self.conv.bias.sigmoid())
        x = x * self.gamma.exp().view(1, -1, 1, 1)
        x = x + F.interpolate(self.positions, (6, 6), mode="bicubic", align_corners=False)
        gate = self.gate[[3, 1, 2, 0]].sigmoid().view(1, -1, 1, 1)
        x = (1 - gate) * x + gate * x.flip(2)
        norm = self.norm
        return F.batch_norm(x, norm.running_mean, norm.running_var, norm.weight.abs(), norm.bias)


class Silenced(nn.Module):
    """Biases of which some are taken for zero, and weights whose rows are doubled in place."""

    def __init__(self, *, doubled: bool = False) -> None:
        super().__init__()
        self.linear = nn.Linear(4, 6)
        self.doubled = doubled

    def forward(self, x: Tensor) -> Tensor:
        weight, bias = self.linear.weight.clone(), self.linear.bias.clone()
        if self.doubled:
            weight[2:4].mul_(2)
        bias[2:4].zero_()
        return F.linear(x.mean((2, 3)), weight, bias)


class Looked(nn.Module):
    """Rows of tables at positions, as texts have them, and at places that others choose."""

    def __init__(self) -> None:
        super().__init__()
        self.positions = nn.Embedding(9, 8, padding_idx=0)
        self.types = nn.Embedding(2, 8)
        self.register_buffer("kinds", torch.arange(9)[None] % 2)

    def forward(self, x: Tensor) -> Tensor:
        at = torch.min(torch.arange(x.shape[1])[None] + 2, torch.tensor([[5]]))
        return x + self.types(torch.gather(self.kinds, 1, at)) + self.positions(at)


class Orthogonal(nn.Module):
    """A matrix that is worked out as code cannot be written for."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(4, 4)

    def forward(self, x: Tensor) -> Tensor:
        weight = torch.linalg.qr(self.linear.weight)[0]
        return F.linear(x.mean((2, 3)), weight, self.linear.bias)


class ScaledTable(nn.Module):
    """A layer on a stored map, which is scaled first or only gets other sizes."""

    def __init__(self, factor: float = 1.0) -> None:
        super().__init__()
        self.factor = factor
        self.register_buffer("table", torch.ones(4, 9))
        self.layer = nn.Conv2d(4, 4, 1)

    def forward(self, x: Tensor) -> Tensor:
        table = self.table.view(1, 4, 3, 3)
        return x + self.layer(table if self.factor == 1 else torch.relu(table * self.factor))


class Sequences(nn.Module):
    """Recurrent layers over each row of an image and over each column, batch or steps first."""

    def __init__(self) -> None:
        super().__init__()
        self.rows = nn.LSTM(3, 4, bidirectional=True, batch_first=True)
        self.columns = nn.GRU(8, 6)
        self.last = nn.Linear(6, 2)

    def forward(self, x: Tensor) -> Tensor:
        n, c, h, w = x.shape
        y = self.rows(x.permute(0, 2, 3, 1).reshape(n * h, w, c))[0].reshape(n, h, w, -1)
        y = self.columns(y.permute(1, 0, 2, 3).reshape(h, n * w, -1))[0].reshape(h, n, w, -1)
        return self.last(y.permute(1, 0, 2, 3)).permute(0, 3, 1, 2)


class Spread(nn.Module):
    """Each channel times several fixed frequencies, as positions are encoded."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("frequencies", torch.linspace(1, 4, 3))
        self.linear = nn.Linear(6, 5)

    def forward(self, x: Tensor) -> Tensor:
        y = x.mean((2, 3))[..., None] * self.frequencies
        return self.linear(torch.cat([y.sin(), y.cos()], -1))


class Encoded(nn.Module):
    """Positions that meet only what the model stores, before a map meets them."""

    def __init__(self, *, inverse: bool = False) -> None:
        super().__init__()
        self.register_buffer("frequencies", torch.linspace(0, 1, 4)[:, None])
        self.register_buffer("counts", torch.tensor([3, 1, 2, 2]))
        self.table = nn.Parameter(torch.zeros(8, 4))
        self.inverse = inverse

    def forward(self, x: Tensor) -> Tensor:
        at = torch.arange(x.shape[2])
        angles = self.frequencies @ at[None].to(self.frequencies)
        chosen = F.one_hot(at, 8).to(self.table) @ self.table
        x = x * self.counts.float()[:, None]
        x = x + angles.cos() * (self.frequencies * at).sin() + chosen.T
        return x + self.frequencies.erfinv() if self.inverse else x


class Whitened(nn.Module):
    """Maps that are changed by numbers worked out of stored ones, on either side of a sign."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(4, 1, 1))
        self.register_buffer("var", torch.ones(4, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        x = (x - self.mean * 2) / (self.var**0.5 + 1e-8)
        return self.var.sigmoid() * x + (self.mean + self.var)


class Blocked(nn.Module):
    """Positions of blocks of a map, and a token that is put beside maps and added to one."""

    def __init__(self) -> None:
        super().__init__()
        self.positions = nn.Parameter(torch.zeros(1, 4, 4, 3))
        self.token = nn.Parameter(torch.zeros(1, 1, 3))

    def forward(self, x: Tensor) -> Tensor:
        n = x.shape[0]
        x = x.reshape(n, 3, 2, 2, 2, 2).permute(0, 2, 4, 3, 5, 1).reshape(n, 4, 4, 3)
        x = (x + self.positions).flatten(1, 2)
        token = self.token.expand(n, -1, -1)
        return token + torch.cat((token, x), 1).mean(1, keepdim=True)


class Cell(nn.Module):
    """A step of a recurrent layer of convolutions, which gives two maps."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(5, 8, 3, padding=1)

    def forward(self, x: Tensor, state: Tensor, cell: Tensor) -> tuple[Tensor, Tensor]:
        gates = self.conv(torch.cat([x, state], 1))
        i, f, o, g = gates.chunk(4, 1)
        cell = f.sigmoid() * cell + i.sigmoid() * g.tanh()
        return o.sigmoid() * cell.tanh(), cell


class Steps(nn.Module):
    """Frames that go through one cell, whose last call gives a map that nothing reads."""

    def __init__(self) -> None:
        super().__init__()
        self.cell = Cell()

    def forward(self, x: Tensor) -> Tensor:
        state, cell = x[:, 0, :2], x[:, 1, :2]
        for frame in x.unbind(1):
            state, cell = self.cell(frame, state, cell)
        return state


class Pair(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(4, 4), nn.Linear(4, 4)

    def forward(self, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        x, y = self.first(x), self.second(y)
        return x + y, x - y


class Pairs(nn.Module):
    """One module that is given one map twice or two, and of which either map is read, or both."""

    def __init__(self) -> None:
        super().__init__()
        self.pair = Pair()

    def forward(self, x: Tensor) -> Tensor:
        y, _ = self.pair(x, x)
        _, z = self.pair(x, y)
        a, b = self.pair(z, y)
        return a + b * z


class WeighedAgain(nn.Module):
    """Weights that a long expression works out of learned ones, as layers of others do."""

    def __init__(self) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(3, 4, 3)

    def forward(self, x: Tensor) -> Tensor:
        weight = self.convolution.weight
        weight = weight - weight.mean(dim=(1, 2, 3), keepdim=True)
        weight = weight / (weight.std(dim=(1, 2, 3), keepdim=True) + 1e-5)
        return F.conv2d(x, weight, self.convolution.bias)


class Chosen(nn.Module):
    """Whole numbers that become decimal ones as a table has them, and are multiplied with it."""

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Parameter(torch.zeros(5, 4))
        self.register_buffer("counts", torch.arange(15).view(1, 3, 5) % 4)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.counts.to(self.table) @ self.table


class Biased(nn.Module):
    """Attention that adds maps to its scores: one worked out of weights alone, one of queries."""

    def __init__(self) -> None:
        super().__init__()
        self.qkv = nn.Linear(8, 24)
        self.register_buffer("offsets", torch.zeros(5, 5, 3))
        self.bias = nn.Linear(3, 2)
        self.rows = nn.Parameter(torch.zeros(5, 5, 4))

    def forward(self, x: Tensor) -> Tensor:
        q, k, v = self.qkv(x).reshape(-1, 5, 3, 2, 4).permute(2, 0, 3, 1, 4).unbind(0)
        bias = self.bias(self.offsets).sigmoid().permute(2, 0, 1)
        q = F.scaled_dot_product_attention(q, k, v, attn_mask=bias)
        bias = torch.einsum("bhqc,qkc->bhqk", q, self.rows)
        return F.scaled_dot_product_attention(q, k, v, attn_mask=bias)


class Folded(nn.Module):
    """A convolution and a pool of the map of each head, which the batch holds."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv3d(2, 2, 3, padding=1, groups=2)
        self.pool = nn.MaxPool3d((1, 2, 2))

    def forward(self, x: Tensor) -> Tensor:
        n, c, *space = x.shape
        x = self.pool(self.conv(x.reshape(n * c // 2, 2, *space)))
        return x.reshape(n, c, *x.shape[2:])


class Arranged(nn.Module):
    """Places, masks and factors that are made of sizes while it runs, and of nothing stored."""

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Parameter(torch.zeros(13, 4))
        self.mean = nn.Parameter(torch.zeros(6))

    def forward(self, x: Tensor) -> Tensor:
        at = torch.arange(6)
        offsets = (at[:, None] * 1.0 - (at[None, :] - 5) * 2 / 2 + 1).long()
        x = x + self.table[offsets].mean(1) * torch.linspace(0, 1, 6)[:, None]
        later = at[:, None] < torch.cat((at[:3], at[3:]))
        mask = torch.zeros(6, 6).masked_fill(later, float("-inf"))
        y = F.scaled_dot_product_attention(x, x, x, attn_mask=mask)
        rows, columns = torch.meshgrid(at, torch.arange(4), indexing="ij")
        y = y[:, at.flip(0)] * (rows + columns / 4).cos()
        weight = torch.ones_like(x).softmax(-1)
        return y - (self.mean - torch.tensor([0.5, 2, 1, 1, 0, 3]))[:, None] * weight
