"""The zoo: published networks, shipped as YAML; and which file holds which."""

from __future__ import annotations

_FAMILIES = {
    "resnet": "resnet18 resnet34 resnet50 resnet101 resnet152",
}

MODELS = {name: family for family, names in _FAMILIES.items() for name in names.split()}
"""The file, without its suffix, of every shipped name."""


def file_of(name: str) -> str:
    """Return the path of the file that holds a shipped network."""
    return f"{__path__[0]}/{MODELS[name]}.yaml"
