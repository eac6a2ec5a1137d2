"""The closed form of a block, and its break-even, as a line under its arithmetic."""

from __future__ import annotations

from bncalc.render.notation import TEXT, TermWriter
from bncalc.search.break_even import BreakEven, ClosedForm


def closed_form_line(word: str, form: ClosedForm) -> str:
    """Write the params in terms of what was given: params = 2·cin·mid + 9·mid²."""
    writer = TermWriter(TEXT, form.atoms)
    text = f"params = {writer.sum(form.params)}"
    if form.plain is not None:
        text += f", plain {writer.sum(form.plain)}"
    sides = [side for each in form.conditions for side in (each.left, each.right)]
    definitions = writer.definitions([form.params, form.plain or {}, *sides])
    if definitions:
        text += ", with " + ", ".join([f"{name} = {means}" for name, means in definitions.items()])
    if form.conditions:
        text += " if " + " and ".join(map(writer.statement, form.conditions))
    saves = [_while(each) for each in form.break_evens]
    return text + (f"; {word} saves while {' and '.join(saves)}" if saves else "")


def _while(break_even: BreakEven) -> str:
    if break_even.share is not None:
        return f"{break_even.name} < {break_even.share:.3f}·cin"
    return f"{break_even.name} < {break_even.value:.4g}"
