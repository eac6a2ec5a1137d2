"""Activations: what a model file calls them, `nn.ReLU()`, and what the language does."""

ACTIVATIONS = {
    "SiLU": "silu",
    "ReLU": "relu",
    "ReLU6": "relu6",
    "LeakyReLU": "leaky_relu",
    "Hardswish": "hard_swish",
    "GELU": "gelu",
    "Mish": "mish",
    "Identity": "none",
}
"""Words of the language by the names of PyTorch's modules."""


def name_in(written: object) -> str:
    """Return the name of the module in what is written: ReLU in `nn.ReLU(inplace=True)`."""
    return str(written).partition("(")[0].rpartition(".")[2]


def is_activation(value: object) -> bool:
    return name_in(value) in ACTIVATIONS
