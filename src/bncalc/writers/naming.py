"""Naming: what is written gets names of its own."""

import re


def unused(name: str, taken: set[str], between: str = "") -> str:
    """Return a name, numbered from 2 on where others have it; it is taken from then on."""
    unique, count = name, 1
    while unique in taken:
        count += 1
        unique = f"{name}{between}{count}"
    taken.add(unique)
    return unique


def without_input(name: str) -> str:
    """Return the name of a model without the sizes of its input, which a file says itself."""
    return re.sub(r"(@\d+(,\d+)*)+$", "", name) or name
