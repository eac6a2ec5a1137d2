"""Foreign lines: operations of other people's models of which their facts say all that is needed.

Weights are nobody's here, and so are indices and other numbers that a file holds: they are states.
"""

from __future__ import annotations

from collections.abc import Callable

from bncalc.model.graph import Code
from bncalc.model.ops.foreign import Facts
from bncalc.model.registry import OPS
from bncalc.model.shape import Shape
from bncalc.writers.pytorch.lines.code import code_line
from bncalc.writers.pytorch.lines.line import Line, LineArguments, held, number, written
from bncalc.writers.pytorch.lines.operands import NUMBERS, SIGNS, changed, operand, single
from bncalc.writers.pytorch.lines.views import REDUCTIONS, reshaped, stack, view
from bncalc.writers.pytorch.lines.windows import INTERPOLATING

WriteFacts = Callable[[Facts, tuple[Shape, ...], Shape], Line | str]
"""Facts, the shapes that arrive and the one that is put out → its line, or why it has none."""


def foreign_line(
    facts: Facts, code: Code | None, inputs: tuple[Shape, ...], output: Shape
) -> Line | str:
    """Return the line of an operation, or why it has none: often more must be known of it."""
    write = _FOREIGN.get(facts.word)
    line: Line | str = _COUNTED if facts.word in OPS and facts.like is None else UNWRITTEN
    if not output.elements:
        line = f"its map of {output} has no elements"
    elif write and (facts.options or code is None):
        line = write(facts, inputs, output)
    is_known = isinstance(line, Line) and line.module != _GUESSED
    is_known = is_known and not (code and any(each.formula for each in code.constants))
    return line if is_known or not code else code_line(code, inputs, output)


UNWRITTEN = "bncalc cannot write this operation"
_COUNTED = "bncalc knows only what this one costs"
"""Said of a word of the language whose settings are not there, as of a `custom` convolution."""
_GUESSED = "IndexedBias"
"""What reads learned numbers somehow, where nothing says how."""
_SEVERAL = "how it picks values by another map is not known"


def _clipped(facts: Facts, inputs: tuple[Shape, ...], output: Shape) -> Line | str:
    limits = [(name, single(value)) for name, value in facts.options if isinstance(value, float)]
    return Line(f"{{0}}.clamp({written(tuple(limits))})") if limits else "its limits are not known"


def _whole(number: float) -> float:
    """Return a number without its decimal point where nothing stands behind it."""
    return int(number) if number.is_integer() else number


def _expanded(facts: Facts, inputs: tuple[Shape, ...], output: Shape) -> Line | str:
    """Repeat a map along axes that it does not have, or of which it has one position."""
    if len(inputs) != 1:
        return _SEVERAL
    x, rank = tuple(inputs[0]), len(output)
    bare = tuple([size for size in x if size > 1])
    tried = [
        sizes
        for own in (x, bare)
        for ones in [(1,) * (rank - len(own))]
        for sizes in ((*ones, *own), (*own, *ones))
        if len(sizes) == rank
        if all(n in (1, m) for n, m in zip(sizes, output, strict=True))
    ]
    if not tried:
        whole = inputs[0].elements and output.elements % inputs[0].elements == 0
        return _indexed(output) if whole else changed(inputs, output)
    if len(x) != rank and len(set(tried)) > 1:
        return f"along which axes it repeats {inputs[0]} is not known"
    viewed = "{0}" if tried[0] == x else reshaped("{0}", tried[0])
    pairs = zip(tried[0], output, strict=True)
    sizes = ", ".join(["-1" if n == m else number("size", m) for n, m in pairs])
    return Line(f"{viewed}.expand(-1, {sizes})")


def _resized(facts: Facts, inputs: tuple[Shape, ...], output: Shape) -> Line | str:
    options = dict(facts.options)
    mode = _MODES.get((str(options.get("mode")), output.axes))
    if mode is None:
        return f"PyTorch cannot resize to {output} in mode {options.get('mode', 'unknown')}"
    arguments: LineArguments = (("size", tuple(output.space)), ("mode", mode))
    if options.get("align_corners") and mode not in INTERPOLATING:
        return f"PyTorch aligns no corners by mode {mode}"
    if options.get("align_corners"):
        arguments += (("align_corners", True),)
    return Line(f"F.interpolate({{0}}, {written(arguments)})")


_MODES = {
    **{("nearest", axes): "nearest" for axes in (1, 2, 3)},
    ("linear", 1): "linear",
    ("linear", 2): "bilinear",
    ("linear", 3): "trilinear",
    ("cubic", 2): "bicubic",
}
"""What PyTorch calls a way to resize, by ours and the number of axes."""


def _joined(facts: Facts, inputs: tuple[Shape, ...], output: Shape) -> Line | str:
    """Put learned tokens before a map."""
    tokens, left = divmod(facts.cost.params, output.channels)
    if left or output.axes != 1 or inputs != ((output.channels, output.positions - tokens),):
        return f"where its {facts.cost.params:,} learned numbers are put is not known"
    call = "torch.cat(({m}.expand({0}.shape[0], -1, -1), {0}), 2)"
    return Line(call, "parameter", held(1, output.channels, tokens))


def _looked_up(facts: Facts, inputs: tuple[Shape, ...], output: Shape) -> Line | str:
    rows, left = divmod(facts.cost.params, output.channels)
    if left or not rows or output.axes != 1 or [x.elements for x in inputs] != [output.positions]:
        return changed(inputs, output)
    call = "{m}({0}.flatten(1).long()).movedim(-1, 1)"
    return Line(call, "nn.Embedding", (("", rows), ("", output.channels)))


def _indexed(output: Shape) -> Line:
    """Pick elements of a whole map by numbers that the file holds."""
    return Line("{0}.flatten(1)[:, {m}]", "index", held(*output))


def _picked(facts: Facts, inputs: tuple[Shape, ...], output: Shape) -> Line | str:
    """Pick positions of a map by numbers that the file holds, or any of its elements."""
    if len(inputs) != 1:
        return _SEVERAL
    if not inputs[0].axes:
        return changed(inputs, output)
    if inputs[0].channels != output.channels:
        return _indexed(output)
    return Line("{0}.flatten(2)[..., {m}]", "index", held(*output.space))


def _normed(facts: Facts, inputs: tuple[Shape, ...], output: Shape) -> Line | str:
    if facts.cost.params not in (0, 2 * output.elements):
        return "it has learned numbers for some axes only; for which is not known"
    arguments: LineArguments = (("", tuple(output)),)
    if not facts.cost.params:
        arguments += (("elementwise_affine", False),)
    return Line("{m}({0})", "nn.LayerNorm", arguments)


def _scored(facts: Facts, inputs: tuple[Shape, ...], output: Shape) -> Line | str:
    """Multiply queries of several heads with the keys of one."""
    q, k = inputs
    heads = output.channels
    if output != (heads, q.positions, k.positions) or q.channels != heads * k.channels:
        return changed(inputs, output)
    return Line(f"attention_scores({{0}}, {{1}}, {number('heads', heads)})")


def _multiplied(facts: Facts, inputs: tuple[Shape, ...], output: Shape) -> Line | str:
    """Multiply two maps as matrices, as many as make up their elements and their MACs."""
    if len(inputs) != 2 or facts.cost.params or not output.elements:
        return "one of its factors is learned"
    (a, b), inner = inputs, facts.cost.macs // output.elements
    if a[:-1] == output[:-1] and b == (*a[:-2], a[-1], output[-1]) and a[-1] == inner:
        return Line("{0} @ {1}")
    count = inner and a.elements * b.elements // (output.elements * inner * inner)
    if not count:
        return changed(inputs, output)
    rows, columns = (x.elements // (count * inner) for x in inputs)
    sizes = (count * rows * inner, count * inner * columns, count * rows * columns)
    if sizes != (a.elements, b.elements, output.elements):
        return changed(inputs, output)
    left, right = reshaped("{0}", (count, rows, inner)), reshaped("{1}", (count, inner, columns))
    return Line(reshaped(f"({left} @ {right})", output))


def _power(facts: Facts, inputs: tuple[Shape, ...], output: Shape) -> Line | str:
    (_, exponent), *_ = facts.options or (("", ""),)
    if not isinstance(exponent, float) or inputs != (output,):
        return "its exponent is not known"
    return Line(f"{{0}} ** {number('exponent', _whole(single(exponent)))}")


def _scaled(facts: Facts, inputs: tuple[Shape, ...], output: Shape) -> Line | str:
    """Scale vectors along an axis to length 1."""
    (_, axes), *_ = facts.options or (("", ""),)
    if not isinstance(axes, tuple) or inputs != (output,):
        return "the axis along which it scales is not known"
    return Line(f"F.normalize({{0}}, dim={axes[0] + 1})")


def _unused(facts: Facts, inputs: tuple[Shape, ...], output: Shape) -> Line | str:
    """Hold what nothing reads at inference."""
    return Line("{0} + 0 * {m}.sum()", "parameter", held(facts.cost.params))


def _method(name: str) -> WriteFacts:
    def write(facts: Facts, inputs: tuple[Shape, ...], output: Shape) -> Line | str:
        return Line(f"{{0}}.{name}()") if inputs == (output,) else changed(inputs, output)

    return write


def _module(name: str) -> WriteFacts:
    return lambda facts, inputs, output: Line("{m}({0})", f"nn.{name}")


def _both(function: str) -> WriteFacts:
    def write(facts: Facts, inputs: tuple[Shape, ...], output: Shape) -> Line | str:
        return Line(f"torch.{function}({{0}}, {{1}})") if len(inputs) == 2 else NUMBERS

    return write


_METHODS = (
    "abs acos acosh asin asinh atan atanh ceil cos cosh erf floor neg reciprocal round rsqrt sign "
    "sin sinh tan"
)
_FOREIGN: dict[str, WriteFacts] = {
    **dict.fromkeys(REDUCTIONS, view),
    **dict.fromkeys(SIGNS, operand),
    **{word: _method(word) for word in _METHODS.split()},
    "attention_scores": _scored,
    "clamp": _clipped,
    "clip": _clipped,
    "concat": _joined,
    "embedding": _looked_up,
    "expand": _expanded,
    "gather": _picked,
    "gather_n_d": _picked,
    "layer_norm": _normed,
    "matmul": _multiplied,
    "maximum": _both("maximum"),
    "minimum": _both("minimum"),
    "normalize": _scaled,
    "pow": _power,
    "reshape": view,
    "resize": _resized,
    "selu": _module("SELU"),
    "slice": view,
    "stack": stack,
    "softsign": _module("Softsign"),
    "tile": _expanded,
    "unused": _unused,
}
"""By the word of the facts."""
