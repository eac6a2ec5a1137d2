"""Helpers: functions that lines call, as source, each written once into a file."""

HELPERS = {
    "attention_scores": """\
def attention_scores(q: Tensor, k: Tensor, heads: int, areas: int = 1) -> Tensor:
    \"\"\"Return N × heads × queries × keys: scaled products by head, within equal areas.\"\"\"
    q = q.flatten(2).unflatten(1, (heads, -1)).unflatten(3, (areas, -1))
    k = k.flatten(2).unflatten(1, (heads, -1)).unflatten(3, (areas, -1))
    scores = q.permute(0, 1, 3, 4, 2) @ k.transpose(2, 3)
    return scores.flatten(2, 3) * q.shape[2] ** -0.5
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
def fused_attention(q: Tensor, k: Tensor, v: Tensor, heads: int) -> Tensor:
    \"\"\"Return N × channels × queries: attention by head, in one kernel.\"\"\"
    q = q.flatten(2).unflatten(1, (heads, -1)).transpose(-1, -2)
    k = k.flatten(2).unflatten(1, (heads, -1)).transpose(-1, -2)
    v = v.flatten(2).unflatten(1, (heads, -1)).transpose(-1, -2)
    return F.scaled_dot_product_attention(q, k, v).transpose(-1, -2).flatten(1, 2)
""",
}
"""By name. A map of one axis of positions is N × C × n, of two N × C × h × w."""
