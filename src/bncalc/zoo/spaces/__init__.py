"""Spaces of designs that were published with a table of their costs, shipped as YAML."""

SPACES = ("mobilenet_v1_table", "mobilenet_v2_table", "regnet_x_table", "nas_bench_201")

_FOLDER: str = __path__[0]


def file_of(name: str) -> str:
    """Return the path of a shipped space."""
    return f"{_FOLDER}/{name}.yaml"
