"""Names: what parts, layers and classes are called in Python."""

from __future__ import annotations

import keyword
import re
from collections.abc import Mapping

from bncalc.writers.naming import unused
from bncalc.writers.pytorch.lines.helpers import HELPERS
from bncalc.writers.pytorch.lines.line import TENSORS, Line
from bncalc.writers.pytorch.shelves import steps_to
from bncalc.writers.tree import Leaf, Subtree


def identified(branch: Subtree, lines: Mapping[int, Line]) -> Subtree:
    """Return a branch in which each child has a name that Python takes, unlike those beside it."""
    has_keys = any(child.name[:1].isdigit() for child in branch.children)
    taken, children = set(_OF_DICTS if has_keys else ()), []
    for child in branch.children:
        is_tensor = isinstance(child, Leaf) and lines[child.node].module in TENSORS
        named = child._replace(name=_identifier(child.name, taken, is_tensor=is_tensor))
        children.append(identified(named, lines) if isinstance(named, Subtree) else named)
    return branch._replace(children=tuple(children))


def _identifier(name: str, taken: set[str], *, is_tensor: bool) -> str:
    """Return a name for an attribute; that of a module may begin with a number."""
    plain = re.sub(r"\W", "_", name, flags=re.ASCII)
    if not plain or plain.startswith("_") or (plain[0].isdigit() and is_tensor):
        plain = f"layer{plain}"
    elif plain in _OF_MODULES or keyword.iskeyword(plain):
        plain = f"{plain}_"
    return unused(plain, taken, "_")


_NAMES = """
T_destination add_module apply bfloat16 buffers call_super_init children compile cpu cuda double
dump_patches eval extra_repr float forward get_buffer get_extra_state get_parameter
get_submodule half ipu load_state_dict modules mtia named_buffers named_children named_modules
named_parameters parameters register_backward_hook register_buffer register_forward_hook
register_forward_pre_hook register_full_backward_hook register_full_backward_pre_hook
register_load_state_dict_post_hook register_load_state_dict_pre_hook register_module
register_parameter register_state_dict_post_hook register_state_dict_pre_hook requires_grad_
set_extra_state set_submodule share_memory state_dict to to_empty train training type xpu
zero_grad
"""
_OF_MODULES = frozenset(_NAMES.split())
"""What every module of PyTorch has (2.14): a layer of that name would take its place."""
_OF_DICTS = ("clear", "items", "keys", "pop", "update", "values")
"""What a module with keys has besides."""


CLASSES_TAKEN = frozenset({"Any", "F", "False", "None", "Tensor", "True", *HELPERS})
"""What a class cannot be called: it would take the place of what the file imports or Python has."""


def member(name: str) -> str:
    """Return what gives a child of a module: an attribute, or a key that begins with a number.

    What lies deeper on a shelf has no type but by its path.
    """
    steps = steps_to(name)
    if len(steps) > 1 + (not name[0].isdigit()):
        return f'.get_submodule("{".".join(steps)}")'
    return f'["{name}"]' if name[0].isdigit() else f".{name}"


def class_name(word: str) -> str:
    plain = "".join(c if c.isascii() and c.isalnum() else "_" for c in word)
    name = ""
    for part in plain.split("_"):
        between = "_" if name[-1:].isdigit() and part[:1].isdigit() else ""
        name += between + part[:1].upper() + part[1:]
    return name if name and not name[0].isdigit() else f"Net{name}"
