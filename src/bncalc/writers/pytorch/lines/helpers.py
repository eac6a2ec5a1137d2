"""Helpers: functions and modules that lines call, as source, each written once into a file."""

_STANDARDISED = """\
class StandardisedConv{axes}d(nn.Conv{axes}d):
    \"\"\"A convolution whose weights get mean 0 and variance 1 in each output channel.\"\"\"

    def __init__(
        self,
        *args: Any,
        gain: bool = False,
        scale: float = 1,
        eps: float = 1e-5,
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        self.gain = nn.Parameter(torch.ones(self.out_channels)) if gain else None
        self.scale = scale
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        flat = self.weight.flatten(1).unsqueeze(0)
        eps = self.eps or 1e-300  # PyTorch takes no 0
        flat = F.batch_norm(flat, None, None, self.gain, training=True, eps=eps)
        weight = flat.view_as(self.weight)
        if self.scale != 1:
            weight = weight * self.scale
        return self._conv_forward(x, weight, self.bias)
"""
_FROZEN = """\
class FrozenNorm(nn.Module):
    \"\"\"A batch norm whose four numbers for each channel are fixed.\"\"\"

    weight: Tensor
    bias: Tensor
    running_mean: Tensor
    running_var: Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.register_buffer("weight", torch.ones(channels))
        self.register_buffer("bias", torch.zeros(channels))
        self.register_buffer("running_mean", torch.zeros(channels))
        self.register_buffer("running_var", torch.ones(channels))

    def forward(self, x: Tensor) -> Tensor:
        scale = self.weight * (self.running_var + 1e-5).rsqrt()
        shift = self.bias - self.running_mean * scale
        sizes = (1, -1, *[1] * (x.dim() - 2))
        return x * scale.reshape(sizes) + shift.reshape(sizes)
"""
_INDEXED = """\
class IndexedBias(nn.Module):
    \"\"\"Learned numbers of each channel, added where a fixed map says which.\"\"\"

    index: Tensor

    def __init__(self, channels: int, rows: int, positions: tuple[int, ...]) -> None:
        super().__init__()
        self.table = nn.Parameter(torch.zeros(channels, rows))
        self.register_buffer("index", torch.zeros(positions, dtype=torch.long))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.table[:, self.index]
"""
_PARTLY_BIASED = """\
class PartlyBiased(nn.Linear):
    \"\"\"A linear layer that learns some of its biases; the others are fixed.\"\"\"

    fixed: Tensor
    index: Tensor

    def __init__(self, in_features: int, out_features: int, learned: int) -> None:
        super().__init__(in_features, out_features, bias=False)
        self.biases = nn.Parameter(torch.zeros(learned))
        self.register_buffer("fixed", torch.zeros(out_features - learned))
        self.register_buffer("index", torch.zeros(out_features, dtype=torch.long))

    def forward(self, x: Tensor) -> Tensor:
        biases = torch.cat((self.biases, self.fixed))[self.index]
        return F.linear(x, self.weight, biases)
"""
_STATES = """\
class States(nn.Module):
    \"\"\"Numbers that a call reads, by their names: learned, fixed, indices or masks.\"\"\"

    def __init__(
        self,
        fixed: str = "",
        indices: str = "",
        masks: str = "",
        **sizes: tuple[int, ...] | Tensor,
    ) -> None:
        super().__init__()
        types = dict.fromkeys(indices.split(), torch.long)
        types |= dict.fromkeys(masks.split(), torch.bool)
        for name, size in sizes.items():
            if isinstance(size, Tensor):
                self.register_buffer(name, size, persistent=False)
            elif name in fixed.split():
                self.register_buffer(name, torch.zeros(size, dtype=types.get(name)))
            else:
                self.register_parameter(name, nn.Parameter(torch.zeros(size)))

    def __getattr__(self, name: str) -> Any:
        return super().__getattr__(name)
"""
HELPERS = {
    "attention_scores": """\
def attention_scores(q: Tensor, k: Tensor, heads: int, areas: int = 1) -> Tensor:
    \"\"\"Return N × heads × queries × keys: scaled products by head, within areas.\"\"\"
    depth = q.shape[1] // heads
    q = q.flatten(2).unflatten(1, (-1, depth)).unflatten(3, (areas, -1))
    k = k.flatten(2).unflatten(1, (-1, depth)).unflatten(3, (areas, -1))
    scores = q.permute(0, 1, 3, 4, 2) @ k.transpose(2, 3)
    return scores.flatten(2, 3) * depth**-0.5
""",
    "attention_mix": """\
def attention_mix(scores: Tensor, values: Tensor, areas: int = 1) -> Tensor:
    \"\"\"Return N × channels × queries: values by head, weighted by scores.\"\"\"
    values = values.flatten(2).unflatten(1, (scores.shape[1], -1))
    values = values.unflatten(3, (areas, -1)).transpose(2, 3)
    scores = scores.unflatten(2, (areas, -1)).transpose(-1, -2)
    return (values @ scores).transpose(2, 3).flatten(3).flatten(1, 2)
""",
    "fused_attention": """\
def fused_attention(
    q: Tensor, k: Tensor, v: Tensor, heads: int, areas: int = 1
) -> Tensor:
    \"\"\"Return N × channels × queries: attention by head within equal areas.\"\"\"
    by_head = [x.flatten(2).unflatten(1, (heads, -1)) for x in (q, k, v)]
    by_area = [x.unflatten(3, (areas, -1)).permute(0, 3, 1, 4, 2) for x in by_head]
    mixed = F.scaled_dot_product_attention(*[x.flatten(0, 1) for x in by_area])
    mixed = mixed.unflatten(0, (-1, areas))
    return mixed.permute(0, 2, 4, 1, 3).flatten(3).flatten(1, 2)
""",
    "relative_position": """\
def relative_position(scores: Tensor, table: Tensor, size: int) -> Tensor:
    \"\"\"Add a table's numbers to scores, by head and by offset in windows of a size.\"\"\"
    at = torch.arange(size, device=table.device)
    offsets = at[:, None] - at + size - 1
    bias = table[:, offsets[:, None, :, None], offsets[:, None, :]]
    bias = bias.flatten(3).flatten(1, 2).unsqueeze(1)
    return (scores.unflatten(2, (-1, size * size)) + bias).flatten(2, 3)
""",
    "replaced": """\
def replaced(x: Tensor, *changes: tuple[tuple[Any, ...], Tensor | float]) -> Tensor:
    \"\"\"Return a map with other numbers in parts of it, each a place and its numbers.\"\"\"
    x = x.clone()
    for where, value in changes:
        x[where] = value
    return x
""",
    "FrozenNorm": _FROZEN,
    "IndexedBias": _INDEXED,
    "PartlyBiased": _PARTLY_BIASED,
    "States": _STATES,
    **{f"StandardisedConv{axes}d": _STANDARDISED.format(axes=axes) for axes in (1, 2, 3)},
}
"""By name. A map of one axis of positions is N × C × n, of two N × C × h × w."""
