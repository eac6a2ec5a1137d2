"""The zoo: published networks, shipped as YAML, and an index of which file holds which.

`docs/make.py` writes the index from the files, so that nobody has to read them all for a name.
"""

from __future__ import annotations

ZOO: str = __path__[0]
"""The folder of the shipped files."""


def index() -> list[list[str]]:
    """Return the rows of the index: a name, its file without the suffix, its params, its MACs."""
    with open(f"{ZOO}/index.csv", encoding="utf-8") as file:  # noqa: PTH123  read at every start
        return [line.split(",") for line in file.read().splitlines()[1:]]


MODELS: dict[str, str] = {name: family for name, family, *_ in index()}
"""The file, without its suffix, of every shipped name."""


def file_of(name: str) -> str:
    """Return the path of the file that holds a shipped network."""
    return f"{ZOO}/{MODELS[name]}.yaml"
