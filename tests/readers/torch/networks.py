"""Networks in PyTorch, each with something that a reader can get wrong."""

import warnings
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils import parametrizations


class Residual(nn.Module):
    """A strided stem, a block that adds its input in place, and a head called as functions."""

    def __init__(self, width: int = 16) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, width, 3, 2, 1, bias=False)
        self.norm = nn.BatchNorm2d(width)
        self.body = nn.Sequential(nn.Conv2d(width, width, 3, padding=1), nn.ReLU(inplace=True))
        self.head = nn.Linear(width, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.norm(self.stem(x)))
        y = self.body(x)
        y += x
        return self.head(torch.flatten(F.adaptive_avg_pool2d(y, 1), 1))


class Joining(nn.Module):
    """A convolution of a map and of what it is handed beside it."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(16, 8, 1)

    def forward(self, x: Tensor, beside: Tensor) -> Tensor:
        return self.conv(torch.cat([x, beside], 1))


class Handed(nn.Module):
    """A learned map that the model itself spreads, and a module within a list joins to another."""

    def __init__(self) -> None:
        super().__init__()
        self.token = nn.Parameter(torch.zeros(1, 8, 1, 1))
        self.stages = nn.ModuleList([Joining()])

    def forward(self, x: Tensor) -> Tensor:
        for stage in self.stages:
            x = stage(x, self.token.expand(1, -1, *x.shape[2:]))
        return x


class Shared(nn.Module):
    """One convolution that runs three times."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(8, 8, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        for _ in range(3):
            x = self.conv(x).relu()
        return x


class Auxiliary(nn.Module):
    """A head that only training runs."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)
        self.extra = nn.Linear(8, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        return x if not self.training else self.extra(x.mean((2, 3)))


class Standardised(nn.Module):
    """Weights that are worked out from others."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)

    def forward(self, x: Tensor) -> Tensor:
        weight = self.conv.weight
        weight = (weight - weight.mean((1, 2, 3), keepdim=True)) / weight.std()
        return F.conv2d(x, weight, self.conv.bias)


class Tokens(nn.Module):
    """Patches, a class token, positions, and a layer of PyTorch's own transformer."""

    def __init__(self) -> None:
        super().__init__()
        self.patches = nn.Conv2d(3, 32, 4, 4)
        self.token = nn.Parameter(torch.zeros(1, 1, 32))
        self.positions = nn.Parameter(torch.zeros(1, 17, 32))
        self.layer = nn.TransformerEncoderLayer(32, 4, 64, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        x = self.patches(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.token.expand(x.shape[0], -1, -1), x], dim=1) + self.positions
        return self.layer(x)[:, 0]


class Volume(nn.Module):
    """Three axes, a transposed convolution, and a group norm."""

    def __init__(self) -> None:
        super().__init__()
        self.down = nn.Conv3d(1, 8, 3, stride=2, padding=1)
        self.norm = nn.GroupNorm(2, 8)
        self.up = nn.ConvTranspose3d(8, 4, 2, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        return self.up(F.silu(self.norm(self.down(x))))


class Split(nn.Module):
    """Halves of the channels, one of which goes on, and a shuffle by views."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(8, 8, 3, padding=1, groups=8)

    def forward(self, x: Tensor) -> Tensor:
        kept, other = x.chunk(2, dim=1)
        other = self.conv(torch.cat([other, other], 1))
        x = torch.cat([kept, other], 1)
        n, c, h, w = x.shape
        return x.view(n, 2, c // 2, h, w).transpose(1, 2).reshape(n, c, h, w)


class Shuffles(nn.Module):
    """A shuffle of channels, of pixels or back, as models write it: copied or not, in any words."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind

    def forward(self, x: Tensor) -> Tensor:
        n, c, h, w = x.shape
        if self.kind == "channels":
            x = x.view(n, 4, c // 4, h, w)
            return torch.transpose(x, 1, 2).contiguous().view(n, -1, h, w)
        if self.kind == "pixels":
            x = x.reshape(n, c // 4, 2, 2, h, w).permute(0, 1, 4, 2, 5, 3)
            return x.reshape(n, c // 4, h * 2, w * 2)
        x = x.unflatten(3, (w // 2, 2)).unflatten(2, (h // 2, 2))
        return x.permute(0, 3, 5, 1, 2, 4).flatten(1, 3)


class Inferring(nn.Module):
    """A forward that runs in inference mode, which shows a mode composite functions as a whole."""

    def __init__(self) -> None:
        super().__init__()
        self.patches = nn.Conv2d(3, 32, 4, 4)
        self.layer = nn.TransformerEncoderLayer(32, 4, 64, batch_first=True)
        self.gru = nn.GRU(32, 8, batch_first=True)

    @torch.inference_mode()
    def forward(self, x: Tensor) -> Tensor:
        x = self.layer(self.patches(x).flatten(2).mT)
        return self.gru(torch.einsum("btc,bsc->bts", x, x) @ x)[0]


class Frames(nn.Module):
    """Six frames of a map that are one batch, or one of them; and a product that broadcasts."""

    def __init__(self, frames: int = 6) -> None:
        super().__init__()
        self.frames = frames
        self.maps = nn.Sequential(
            *(nn.Conv2d(4, 6, 3, 2), nn.ConvTranspose2d(6, 4, 2, 2), nn.MaxPool2d(3, 1, 1)),
            *(nn.AvgPool2d(2), nn.Upsample(scale_factor=2, mode="bilinear"), nn.ZeroPad2d(1)),
            *(nn.AdaptiveMaxPool2d(5), nn.AdaptiveAvgPool2d((3, 2))),
        )
        self.rows = nn.Sequential(nn.Conv1d(4, 4, 3), nn.MaxPool1d(3, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        x = self.maps(x.reshape(self.frames, 4, 12, 12))
        x = self.rows(x.flatten(2)).mean(2)
        return (x[:, :, None] / x[:, None])[None]


class Heads(nn.Module):
    """Heads that are folded into the batch, and a convolution of each."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(4, 4, 3, padding=1, groups=4)

    def forward(self, x: Tensor) -> Tensor:
        n, c, h, w = x.shape
        return self.conv(x.reshape(n * 2, c // 2, h, w)).reshape(n, c, h, w)


class Latents(nn.Module):
    """Attention of learned queries, which are no tensor that is made."""

    def __init__(self) -> None:
        super().__init__()
        self.latents = nn.Parameter(torch.zeros(1, 2, 5, 4))

    def forward(self, x: Tensor) -> Tensor:
        keys = x.flatten(2).transpose(1, 2).unflatten(2, (2, 4)).transpose(1, 2)
        return F.scaled_dot_product_attention(self.latents, keys, keys)


class Calls(nn.Module):
    """Sums, products and activations as methods and as functions of torch, and weights of its own.

    What tools print of it: fvcore 42,411, ptflops 48,653, thop 42,376, torchinfo 43,949,
    torchprofile 43,987, calflops 91,094.
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)
        self.linear = nn.Linear(8, 5)
        self.weight = nn.Parameter(torch.ones(7, 5))

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        x = torch.add(x.add(x).mul(x), x)
        x = F.relu_(torch.tanh(torch.relu(x).relu().sigmoid()).softmax(1))
        return F.linear(self.linear(x.mean((2, 3))), self.weight)


class Scaled(nn.Module):
    """Its own scale and shift for each channel."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(8))
        self.bias = nn.Parameter(torch.zeros(8))

    def forward(self, x: Tensor) -> Tensor:
        return x * self.weight[:, None, None] + self.bias[:, None, None]


class Doubled(nn.Conv2d):
    """A convolution whose name does not say so, with weights that are worked out."""

    def forward(self, x: Tensor) -> Tensor:
        return F.conv2d(x, self.weight * 2, self.bias)


class Stored(nn.Module):
    """Weights as tools find them or not: in pieces, parametrised, worked out, in own modules."""

    def __init__(self) -> None:
        super().__init__()
        self.same = nn.Conv2d(3, 8, 3, padding="same")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # it is deprecated
            self.pieces = nn.utils.weight_norm(nn.Conv2d(8, 8, 1))
        self.parametrised = nn.utils.parametrizations.weight_norm(nn.Conv2d(8, 8, 1))
        self.doubled = Doubled(8, 8, 3)
        self.scaled = Scaled()
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        x = self.doubled(self.parametrised(self.pieces(self.same(x))))
        x = self.scaled(x).flatten(2).transpose(1, 2)
        return self.attention(x, x, x, need_weights=False)[0]


class Attention(nn.Module):
    """Attention as PyTorch has it as a module."""

    def __init__(self) -> None:
        super().__init__()
        self.patches = nn.Conv2d(3, 32, 4, 4)
        self.attention = nn.MultiheadAttention(32, 4, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        x = self.patches(x).flatten(2).transpose(1, 2)
        return self.attention(x, x, x, need_weights=False)[0]


class Masked(Attention):
    """The same with a mask and with its weights put out, which are products of maps then."""

    def forward(self, x: Tensor) -> Tensor:
        x = self.patches(x).flatten(2).transpose(1, 2)
        return self.attention(x, x, x, attn_mask=x.new_zeros(16, 16))[0]


class Across(Attention):
    """The same where eight positions are looked at, of which the weights are a part of all."""

    def forward(self, x: Tensor) -> Tensor:
        x = self.patches(x).flatten(2).transpose(1, 2)
        return self.attention(x, x[:, :8], x[:, :8], need_weights=False)[0]


class Windows(nn.Module):
    """Attention in shifted windows by views and products, and every second position after it."""

    def __init__(self) -> None:
        super().__init__()
        self.patches = nn.Conv2d(3, 12, 2, 2)
        self.norm = nn.LayerNorm(12)
        self.qkv = nn.Linear(12, 36)
        self.table = nn.Parameter(torch.zeros(49, 3))
        at = torch.arange(4)
        offsets = (at[:, None] - at + 3).flatten()
        self.register_buffer("index", (offsets[:, None] * 7 + offsets)[:16, :16])
        self.merge = nn.Linear(48, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = self.norm(self.patches(x).permute(0, 2, 3, 1))
        n, h, w, c = x.shape
        y = x.roll((-2, -2), (1, 2)).view(n, h // 4, 4, w // 4, 4, c)
        y = y.permute(0, 1, 3, 2, 4, 5).reshape(-1, 16, c)
        q, k, v = self.qkv(y).reshape(-1, 16, 3, 3, 4).permute(2, 0, 3, 1, 4).unbind(0)
        scores = (q * 0.5) @ k.transpose(-2, -1)
        scores = scores + self.table[self.index.view(-1)].view(16, 16, 3).permute(2, 0, 1)
        y = (scores.softmax(-1) @ v).transpose(1, 2).reshape(-1, 4, 4, c)
        y = y.view(n, h // 4, w // 4, 4, 4, c).permute(0, 1, 3, 2, 4, 5).reshape(n, h, w, c)
        x = x + y.roll((2, 2), (1, 2))
        corners = [x[:, i::2, j::2] for i in (0, 1) for j in (0, 1)]
        x = self.merge(torch.cat(corners, -1)).sum((1, 2))
        return 1 - torch.stack((x, x.tanh()), 1).amax(1)


class TurnedBack(nn.Module):
    """Fused attention in windows whose positions the same module turns back."""

    def __init__(self) -> None:
        super().__init__()
        self.qkv = nn.Linear(8, 24)
        self.proj = nn.Linear(8, 8)

    def forward(self, x: Tensor) -> Tensor:
        n, count, c = x.shape
        windows = x.reshape(n, 2, 2, 2, 2, c).transpose(2, 3).reshape(n, 4, 4, c)
        q, k, v = self.qkv(windows).reshape(n, 4, 4, 3, 2, 4).permute(3, 0, 1, 4, 2, 5).unbind(0)
        y = F.scaled_dot_product_attention(q, k, v).transpose(2, 3).reshape(n, 2, 2, 2, 2, c)
        return x + self.proj(y.transpose(2, 3).reshape(n, count, c))


class Apart(nn.Module):
    """Attention to keys and values that have another width."""

    def __init__(self) -> None:
        super().__init__()
        self.patches = nn.Conv2d(3, 32, 4, 4)
        self.narrow = nn.Linear(32, 24)
        self.attention = nn.MultiheadAttention(32, 4, batch_first=True, kdim=24, vdim=24)

    def forward(self, x: Tensor) -> Tensor:
        x = self.patches(x).flatten(2).transpose(1, 2)
        y = self.narrow(x)
        return self.attention(x, y, y, need_weights=False)[0]


class InTwoPlaces(nn.Module):
    """One activation that two blocks have; some tools count it in each of them."""

    def __init__(self) -> None:
        super().__init__()
        act = nn.ReLU()
        self.blocks = nn.Sequential(
            nn.Sequential(nn.Conv2d(3, 8, 3), act), nn.Sequential(nn.Conv2d(8, 8, 3), act)
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.blocks(x)


class Lazy(nn.Module):
    """Modules that take their sizes from the first image, and a parameter as a module's input."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.LazyConv2d(8, 3)
        self.token = nn.Parameter(torch.zeros(1, 8))
        self.head = nn.Linear(8, 4)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.conv(x).mean((2, 3))) + self.head(self.token)


class Pair(nn.Module):
    """Two images, one of them twice as large, and a number that is no tensor."""

    def __init__(self, width: int = 8) -> None:
        super().__init__()
        self.left = nn.Conv2d(3, width, 3, padding=1)
        self.right = nn.Conv2d(3, width, 3, stride=2, padding=1)

    def forward(self, x: Tensor, y: Tensor, scale: float = 1.0, *, bias: Tensor = None) -> Tensor:
        x = (self.left(x) + self.right(y)) * scale
        return x if bias is None else x + bias


def handed(**settings: Any) -> nn.Module:
    """Hand on whatever it is given."""
    return Pair(**settings)


class Words(nn.Module):
    """Token ids, a time without an axis, and a mask that is there if asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Embedding(100, 32)
        self.time = nn.Linear(1, 32)
        self.layer = nn.TransformerEncoderLayer(32, 4, 64, batch_first=True)
        self.head = nn.Linear(32, 100, bias=False)
        self.head.weight = self.table.weight

    def forward(self, ids: Tensor, time: Tensor, mask: Tensor | None = None) -> Tensor:
        x = self.table(ids) + self.time(time[:, None])[:, None]
        return self.head(self.layer(x, src_key_padding_mask=mask))


class Sizes(nn.Module):
    """Products of sizes, of which one comes to nothing, and of weights alone."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 1, bias=False)
        self.scale = nn.Parameter(torch.ones(8))

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        n, c, h, w = x.shape
        assert h * w == 64
        bias = torch.mul(self.scale, 2.0)
        return x.reshape(n, c, h * w).reshape(n, c * h, w).reshape(n, c, h, w) + bias[:, None, None]


class Dense(nn.Module):
    """Maps that a list keeps, and activations that do not write over their input."""

    def __init__(self) -> None:
        super().__init__()
        self.convs = nn.ModuleList([nn.Conv2d(8 * (i + 1), 8, 3, padding=1) for i in range(4)])
        self.acts = nn.ModuleList([nn.ReLU(), nn.GELU(), nn.ReLU(inplace=True), nn.ReLU6()])

    def forward(self, x: Tensor) -> Tensor:
        maps = [x]
        for conv, act in zip(self.convs, self.acts, strict=True):
            maps.append(act(conv(torch.cat(maps, 1))))
        return maps[-1]


class DropPath(nn.Module):
    """What leaves a branch away for some images while training, as timm calls it."""

    def __init__(self, drop_prob: float) -> None:
        super().__init__()
        self.drop_prob = drop_prob

    def forward(self, x: Tensor) -> Tensor:
        return x * (torch.rand(len(x), 1, 1, 1) > self.drop_prob) if self.training else x


class Dropping(nn.Module):
    """Two residual branches, of which one is left away now and then."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(8, 8, 1)
        self.first, self.second = DropPath(0.0), DropPath(0.2)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.first(self.conv(x))
        return x + self.second(self.conv(x))


class Queries(nn.Module):
    """Learned queries that attend to themselves, which no image changes, and to patches."""

    def __init__(self) -> None:
        super().__init__()
        self.patches = nn.Conv2d(3, 32, 4, 4)
        self.queries = nn.Parameter(torch.zeros(1, 5, 32))
        self.layer = nn.TransformerDecoderLayer(32, 4, 64, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        x = self.patches(x).flatten(2).transpose(1, 2)
        return self.layer(self.queries.expand(len(x), -1, -1), x)


class Sequence(nn.Module):
    """Columns of a map as a sequence, gated, compared, and pooled as a function."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, stride=2, padding=1)
        self.lstm = nn.LSTM(64, 12, num_layers=2, bidirectional=True, batch_first=True)
        self.gru = nn.GRU(24, 10, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        x = F.adaptive_max_pool2d(self.conv(x), (8, 8))
        x, _ = self.lstm(x.permute(0, 3, 1, 2).flatten(2))
        x, _ = self.gru(x.transpose(0, 1))
        x = torch.where((x > 0) | ~(x < 1), x, -x)
        return F.glu(x, -1).amax(0)


class Tied(nn.Module):
    """Weights that are used again, transposed."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Linear(16, 4, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(self.encoder(x), self.encoder.weight.T)


class Scripted(nn.Module):
    """A part whose calls Python does not see."""

    def __init__(self) -> None:
        super().__init__()
        self.seen = nn.Conv2d(8, 4, 1)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it is deprecated, in one class or another
            self.part = torch.jit.script(nn.Sequential(nn.Conv2d(8, 8, 3), nn.ReLU()))

    def forward(self, x: Tensor) -> Tensor:
        return self.seen(self.part(x))


MEAN = torch.tensor([0.5, 0.4, 0.3])


class Elsewhere(nn.Module):
    """Tensors of the code's own on other devices than the weights, and numbers that it looks at."""

    def __init__(self) -> None:
        super().__init__()
        rates = [rate.item() for rate in torch.linspace(0, 0.1, 2)]
        self.conv = nn.Sequential(nn.Conv2d(3, 8, 3), nn.Dropout(rates[1])).cuda()
        self.scale = torch.tensor([1.0, 2.0, 3.0])

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x.cuda() * self.scale[:, None, None] - MEAN.to("cuda")[:, None, None])
        kept = int(torch.log2(torch.tensor(16.0)).item())
        return x[:, :kept].cpu() + torch.zeros(1, kept, 1, 1, device="cuda:0")


def halved() -> nn.Module:
    return nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU()).half()


class Chosen(nn.Module):
    """Points that are chosen by their content: by a mask, by where they are, by another choice."""

    def __init__(self, how: str) -> None:
        super().__init__()
        self.how = how
        self.all = nn.Linear(16, 8)
        self.chosen = nn.Linear(8, 4)

    def forward(self, x: Tensor) -> Tensor:
        x = self.all(x)
        if self.how == "known":  # numbers of the code's own
            return self.chosen(x[:, torch.tensor([True, False, True, True])])
        if self.how == "mask":
            return self.chosen(x[x[..., 0] > 0])
        if self.how == "unique":
            return self.chosen(x[0, torch.unique(x[0, :, 0].long())])
        if self.how == "select":
            return self.chosen(x.masked_select(x > 0).unflatten(0, (-1, 8)))
        rows, columns = torch.where(x[..., 0] > 0)
        return self.chosen(x[rows, columns])


class Projected(nn.Module):
    """Recurrent layers that tell themselves less than they keep, and packed sequences."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(8, 16, 2, bidirectional=True, batch_first=True, proj_size=4)
        self.gru = nn.GRU(8, 16, batch_first=True)
        self.rnn = nn.RNN(16, 5, 2, bidirectional=True, nonlinearity="relu", batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        x, (_, _) = self.lstm(x)
        packed = nn.utils.rnn.pack_padded_sequence(
            x, torch.tensor([x.shape[1]]), batch_first=True, enforce_sorted=False
        )
        x, _ = nn.utils.rnn.pad_packed_sequence(self.gru(packed)[0], batch_first=True)
        return self.rnn(x)[0]


class Padded(nn.Module):
    """A sequence of which a mask hides a part, which PyTorch may cut off before its own layers."""

    def __init__(self) -> None:
        super().__init__()
        layer = nn.TransformerEncoderLayer(32, 4, 64, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        ahead = torch.ones(x.shape[1], x.shape[1], dtype=torch.bool).triu(1)
        return self.encoder(x, ahead, src_key_padding_mask=mask)


class Turned(nn.Module):
    """Weights that are orthogonal, and a number that is divided by a map."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = parametrizations.orthogonal(nn.Linear(16, 4))

    def forward(self, x: Tensor) -> Tensor:
        return 1 / self.linear(x)


class Wrong(nn.Module):
    """Code that cannot run on sizes alone, or at all."""

    def __init__(self, how: str) -> None:
        super().__init__()
        self.how = how
        self.first, self.second = nn.Conv2d(3, 8, 3), nn.Conv2d(4, 8, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = self.first(x)
        if self.how == "condition" and x.mean() > 0:
            return x
        if self.how == "branches":
            return torch.cond(x.sum() > 0, lambda x: x + 1, lambda x: x - 1, (x,))
        if self.how == "numpy":
            return torch.from_numpy(x.cpu().numpy())
        return self.second(x)


class Stepped(nn.Module):
    """Recurrent layers step by step, what they made kept in one map, and a copy of it."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm, self.gru = nn.LSTMCell(8, 16), nn.GRUCell(16, 16, bias=False)
        self.rnn = nn.RNNCell(16, 4)
        self.head = nn.Linear(4, 2)

    def forward(self, x: Tensor) -> Tensor:
        h = c = x.new_zeros(len(x), 16)
        made = torch.zeros(len(x), x.shape[1], 4)
        for t in range(x.shape[1]):
            h, c = self.lstm(x[:, t], (h, c))
            h = self.gru(h)
            made[:, t] = self.rnn(h)
        return self.head(torch.empty_like(made).copy_(made))


class Cells(nn.Module):
    """A cell of each kind, five times, as tools see them."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm, self.gru = nn.LSTMCell(8, 12), nn.GRUCell(12, 10)
        self.rnn, self.head = nn.RNNCell(10, 6, nonlinearity="relu"), nn.Linear(6, 2)

    def forward(self, x: Tensor) -> Tensor:
        h = c = torch.zeros(len(x), 12, device=x.device)
        g = r = None
        for t in range(x.shape[1]):
            h, c = self.lstm(x[:, t], (h, c))
            g = self.gru(h, g)
            r = self.rnn(g, r)
        return self.head(r)


class Strides(nn.Module):
    """Transposed convolutions of one axis and of three, some in groups; and a layer's own hook."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.ConvTranspose1d(8, 12, 5, 3, padding=2, output_padding=1, groups=4)
        self.other = nn.ConvTranspose1d(12, 12, 4, 2, 1, groups=12, bias=False)
        self.volume = nn.ConvTranspose3d(4, 4, 3, 2, 1, output_padding=1, groups=4)
        self.volume.register_forward_hook(lambda _, __, made: made + 1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.other(self.first(x))
        x = self.volume(x.reshape(len(x), 4, 3, 2, -1))
        return F.interpolate(x, scale_factor=(1, 2, 2), mode="trilinear")


class Mapped(nn.Module):
    """One layer over each row, and each of several weights, as a function mapped over them."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(16, 8)
        self.weights = nn.Parameter(torch.ones(3, 8, 4))

    def forward(self, x: Tensor) -> Tensor:
        x = torch.vmap(self.linear)(x)
        return torch.vmap(lambda weight: x @ weight)(self.weights)


class Mixed(nn.Module):
    """A bit of everything that TorchScript and exported programs call by names of their own."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, padding=1)
        self.up = nn.ConvTranspose2d(8, 8, 2, 2, groups=2, bias=False)
        self.norm = nn.Sequential(
            nn.BatchNorm2d(8, affine=False), nn.GroupNorm(2, 8), nn.PReLU(8), nn.InstanceNorm2d(8)
        )
        self.tokens, self.head = nn.LayerNorm(8), nn.Linear(8, 4)

    def forward(self, x: Tensor) -> Tensor:
        x = self.up(F.avg_pool2d(F.max_pool2d(self.norm(self.conv(x)), 2), 2))
        x = F.interpolate(F.interpolate(x, scale_factor=2.0, mode="bilinear"), size=(8, 8))
        x = F.pad(F.pad(x, (1, 1, 1, 1)), (1, 1, 1, 1), mode="reflect")
        x = F.adaptive_avg_pool2d(x, (4, 4))
        x = torch.cat([F.hardswish(x) + F.gelu(x), F.silu(x)], 2)
        y = self.tokens(x.flatten(2).transpose(1, 2))
        y = torch.softmax(y @ y.transpose(1, 2), -1) @ y
        return self.head(y.mean(1))


def scripted() -> nn.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it is deprecated
        return torch.jit.script(Mixed())


def traced() -> nn.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it is deprecated
        return torch.jit.trace(Mixed().eval(), torch.zeros(1, 3, 32, 32))


def exported() -> nn.Module:
    return torch.export.export(Mixed().eval(), (torch.zeros(1, 3, 32, 32),)).module()


def compiled() -> nn.Module:
    return torch.compile(Mixed(), fullgraph=True)


class Unkept(nn.Module):
    """A batch norm that keeps no statistics: of one image it is an instance norm."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, bias=False)
        self.norm = nn.BatchNorm2d(8, track_running_stats=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.norm(self.conv(x))


class Scores(nn.Module):
    """Attention of four heads to itself, and with a mask for each head."""

    def forward(self, x: Tensor) -> Tensor:
        x = x.unflatten(2, (4, 4)).transpose(1, 2)
        x = F.scaled_dot_product_attention(x, x, x)
        return F.scaled_dot_product_attention(x, x, x, torch.zeros(4, 64, 64))


class Unusual(nn.Module):
    """Layers given other numbers than the usual ones, none of which costs anything."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, padding=1)
        self.batch, self.group = nn.BatchNorm2d(8, eps=0.5), nn.GroupNorm(2, 8, eps=0.4)
        self.instance, self.layer = nn.InstanceNorm2d(8, eps=0.3), nn.LayerNorm(8, eps=0.2)
        self.root, self.plain_root = nn.RMSNorm(8, eps=0.1), nn.RMSNorm(8)
        self.response = nn.LocalResponseNorm(3, alpha=0.5, beta=0.6, k=2)
        self.leaky, self.elu, self.gelu = nn.LeakyReLU(0.2), nn.ELU(0.5), nn.GELU("tanh")
        self.pool = nn.AvgPool2d(3, padding=1, count_include_pad=False)

    def forward(self, x: Tensor) -> Tensor:
        x = self.leaky(self.group(self.batch(F.pad(self.conv(x), (1, 0, 2, 1), value=0.7))))
        x = self.elu(self.instance(self.response(F.softplus(self.pool(x), beta=2.0))))
        x = F.pad(x, (-1, 1, -1, 1))  # by one position, in the same sizes
        x = F.interpolate(x, size=(9, 9), mode="bilinear", align_corners=True)
        x = F.max_pool2d(F.pad(x, (1, 1, 1, 1), value=-torch.inf), 3)
        y = self.gelu(self.layer(x.flatten(2).transpose(1, 2)))
        return self.plain_root(self.root(y)).transpose(1, 2)


class Products(nn.Module):
    """Products of maps by every name that they go by, and none that is a layer."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("rows", torch.zeros(5, 6))
        self.learned = nn.Parameter(torch.zeros(1))

    def forward(self, x: Tensor) -> list[Tensor]:
        y, z = x[0] * self.learned, x.transpose(1, 2)
        return [
            torch.einsum("btc,rc->btr", x, self.rows),
            torch.addmm(y[:, :4], y, y.T),
            torch.baddbmm(x[..., :4], x, z),
            torch.matmul(y, z.expand(3, -1, -1)),
            y @ y[0],
            torch.einsum("btc,bsc->bts", x, x),
        ]
