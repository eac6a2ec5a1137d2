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


def name_of_model(name: str) -> str:
    """Return what a model is called: without the sizes of its input, which a file says itself.

    Of what a function makes by name, as timm's `create_model@model_name=resnet50`, that name.
    """
    plain = re.sub(r"(@\d+(,\d+)*)+$", "", name) or name
    made = re.match(r"\w+@(?:\w+_)?name=([^@]+)", plain)
    return made[1] if made else plain
