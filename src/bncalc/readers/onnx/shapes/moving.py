"""Shapes of what moves, cuts, joins and repeats, with the numbers of small tensors moved along."""

from __future__ import annotations

from itertools import accumulate, pairwise
from math import prod

from bncalc.readers.onnx.array import broadcast, pick, place, spread, transposed
from bncalc.readers.onnx.call import OnnxCall, ShapeRule
from bncalc.readers.onnx.tensor import FLOAT, INT64, MOST_NUMBERS
from bncalc.readers.onnx.value import Contradiction, Dims, Value, fits, sizes, tensor


def shape(call: OnnxCall) -> Value:
    dims = call.dims()
    start, stop = call.integer("start", 0), call.integer("end", len(dims))
    return sizes(dims[slice(start, stop)])


def size(call: OnnxCall) -> Value:
    return tensor(INT64, (), (prod(call.dims()),))


def reshape(call: OnnxCall) -> Value:
    """0 keeps a size unless `allowzero`; one −1 takes what is left."""
    dims, wanted = call.dims(), call.setting("shape", 1)
    if wanted is None:
        raise Contradiction("the shape is missing")
    return _reshaped(call, _resolved(dims, wanted, keep=not call.flag("allowzero")))


def flatten(call: OnnxCall) -> Value:
    dims = call.dims()
    axis = call.integer("axis", 1)
    axis += len(dims) if axis < 0 else 0
    return _reshaped(call, (prod(dims[:axis]), prod(dims[axis:])))


def squeeze(call: OnnxCall) -> Value:
    """Without axes, all of size 1 go."""
    dims, axes = call.dims(), call.setting("axes", 1)
    gone = {place(axis, len(dims)) for axis in axes} if axes is not None else None
    kept = [i not in gone if gone is not None else n != 1 for i, n in enumerate(dims)]
    return _reshaped(call, tuple([n for n, keep in zip(dims, kept, strict=True) if keep]))


def unsqueeze(call: OnnxCall) -> Value:
    dims, axes = list(call.dims()), call.setting("axes", 1) or ()
    for axis in sorted([place(axis, len(dims) + len(axes)) for axis in axes]):
        dims.insert(axis, 1)
    return _reshaped(call, tuple(dims))


def transpose(call: OnnxCall) -> Value:
    dims, numbers = call.dims(), call.input(0).numbers
    order = call.integers("perm", tuple(reversed(range(len(dims)))))
    if sorted(order) != list(range(len(dims))):
        raise Contradiction(f"perm {list(order)} is not an order of {len(dims)} axes")
    moved = None if numbers is None else transposed(numbers, dims, order)
    return tensor(call.type(), tuple([dims[axis] for axis in order]), moved)


def concat(call: OnnxCall) -> Value:
    """Joins along one axis; the numbers come in blocks of what lies behind that axis."""
    several = [call.dims(index) for index in range(len(call.inputs))]
    axis = place(call.integer("axis"), len(several[0]))
    before, after = several[0][:axis], several[0][axis + 1 :]
    if any(dims[:axis] != before or dims[axis + 1 :] != after for dims in several):
        raise Contradiction(
            "its inputs differ in the sizes of other axes than the one along which they are joined"
        )
    dims = (*before, sum([own[axis] for own in several]), *after)
    held = [call.input(index).numbers for index in range(len(several))]
    if not fits(dims) or any(numbers is None for numbers in held):
        return tensor(call.type(), dims)
    lengths = [prod(own[axis:]) for own in several]
    rows = [
        number
        for row in range(prod(before))
        for numbers, length in zip(held, lengths, strict=True)
        for number in (numbers or ())[row * length : (row + 1) * length]
    ]
    return tensor(call.type(), dims, tuple(rows))


def slice_(call: OnnxCall) -> Value:
    taken = call.taken()
    return _picked(call, [taken.get(axis, range(n)) for axis, n in enumerate(call.dims())])


def split(call: OnnxCall) -> tuple[Value, ...]:
    """Sizes as given; without them equal parts, the last one smaller."""
    dims = call.dims()
    axis = call.axis(0)
    parts = call.setting("split", 1)
    if parts is None:
        count = call.integer("num_outputs", call.outputs) or 1
        if count > max(call.outputs, dims[axis]):
            raise Contradiction(f"num_outputs is {count}; there are {call.outputs} outputs")
        each = -(-dims[axis] // count)
        parts = (*(each,) * (count - 1), dims[axis] - each * (count - 1))
    if len(parts) < call.outputs:
        raise Contradiction(f"there are {len(parts)} parts, and {call.outputs} outputs")
    if sum(parts) != dims[axis] or min(parts, default=0) < 0:
        raise Contradiction(f"parts {list(parts)} must add up to {dims[axis]}, none below 0")
    outputs = []
    for start, stop in pairwise(accumulate(parts, initial=0)):
        chosen = [range(n) for n in dims]
        chosen[axis] = range(start, stop)
        outputs.append(_picked(call, chosen))
    return tuple(outputs)


def expand(call: OnnxCall) -> Value:
    dims, numbers = broadcast(call.dims(), call.whole(1)), call.input(0).numbers
    known = numbers is not None and fits(dims)
    return tensor(
        call.type(), dims, spread(numbers, call.dims(), dims) if known and numbers else None
    )


def tile(call: OnnxCall) -> Value:
    dims, repeats = call.dims(), call.whole(1)
    if len(dims) != len(repeats):
        raise Contradiction(
            f"there must be one repeat for each axis, here {len(repeats)} for {len(dims)}"
        )
    wide = tuple([n * times for n, times in zip(dims, repeats, strict=True)])
    numbers = call.input(0).numbers
    if numbers is None or not fits(wide):
        return tensor(call.type(), wide)
    chosen = [list(range(n)) * times for n, times in zip(dims, repeats, strict=True)]
    return tensor(call.type(), wide, pick(numbers, dims, chosen))


def pad(call: OnnxCall) -> Value:
    """Pads are all begins, then all ends; of some axes alone where these are given."""
    dims, pads = list(call.dims()), call.setting("pads", 1)
    if pads is None:
        pads = call.integers("paddings")
    given = call.given(3)
    axes = range(len(dims)) if given is None else [place(a, len(dims)) for a in call.whole(3)]
    if len(pads) != 2 * len(axes):
        raise Contradiction(
            f"there must be two pads for each axis, here {len(pads)} for {len(axes)}"
        )
    for index, axis in enumerate(axes):
        dims[axis] += pads[index] + pads[index + len(axes)]
    return tensor(call.type(), tuple(dims))


def constant_of_shape(call: OnnxCall) -> Value:
    fill = call.attributes.get("value")
    type_, number = (fill.type, fill.numbers) if isinstance(fill, Value) else (FLOAT, (0.0,))
    dims = call.whole(0)
    return tensor(type_, dims, number * prod(dims) if number and fits(dims) else None)


def range_(call: OnnxCall) -> Value:
    (start, *_), (stop, *_), (step, *_) = call.numbers(0), call.numbers(1), call.numbers(2)
    count = max(int(-(-(stop - start) // step)), 0)
    numbers = tuple([start + step * index for index in range(min(count, MOST_NUMBERS))])
    return tensor(call.type(), (count,), numbers)


def depth_to_space(call: OnnxCall) -> Value:
    (n, c, h, w), r = call.dims(), _block(call)
    if c % (r * r):
        raise Contradiction(f"{c} channels do not divide into blocks of {r}×{r}")
    return tensor(call.type(), (n, c // (r * r), h * r, w * r))


def space_to_depth(call: OnnxCall) -> Value:
    (n, c, h, w), r = call.dims(), _block(call)
    if h % r or w % r:
        raise Contradiction(f"{h}×{w} positions do not divide into blocks of {r}×{r}")
    return tensor(call.type(), (n, c * r * r, h // r, w // r))


def _block(call: OnnxCall) -> int:
    size = call.integer("blocksize", 1)
    if size < 1:
        raise Contradiction(f"blocksize is {size}; it must be at least 1")
    return size


def eye_like(call: OnnxCall) -> Value:
    return tensor(call.integer("dtype", call.type()), call.dims())


def center_crop_pad(call: OnnxCall) -> Value:
    """Sizes as given along some axes, or along all."""
    dims, wanted = list(call.dims()), call.whole(1)
    axes = call.integers("axes", tuple(range(len(dims))))
    for axis, n in zip(axes, wanted, strict=True):
        dims[place(axis, len(dims))] = n
    return tensor(call.type(), tuple(dims))


def noise(call: OnnxCall) -> Value:
    return tensor(call.integer("dtype", FLOAT), call.integers("shape"))


def _reshaped(call: OnnxCall, dims: Dims) -> Value:
    if prod(dims) != prod(call.dims()):
        raise Contradiction(
            f"{prod(call.dims())} elements do not become {'×'.join(map(str, dims))}"
        )
    return tensor(call.type(), dims, call.input(0).numbers)


def _resolved(dims: Dims, wanted: Dims, *, keep: bool) -> Dims:
    result = [dims[i] if keep and n == 0 and i < len(dims) else n for i, n in enumerate(wanted)]
    if result.count(-1) == 1:
        rest = prod([n for n in result if n != -1])
        if rest:
            result[result.index(-1)] = prod(dims) // rest
    return tuple(result)


def _picked(call: OnnxCall, chosen: list[range]) -> Value:
    dims = tuple([len(indices) for indices in chosen])
    numbers = call.input(0).numbers
    moved = None if numbers is None else pick(numbers, call.dims(), chosen)
    return tensor(call.type(), dims, moved)


RULES: dict[str, ShapeRule] = {
    "CenterCropPad": center_crop_pad,
    "Concat": concat,
    "ConstantOfShape": constant_of_shape,
    "DepthToSpace": depth_to_space,
    "Expand": expand,
    "EyeLike": eye_like,
    "Flatten": flatten,
    "RandomNormal": noise,
    "RandomUniform": noise,
    "Pad": pad,
    "Range": range_,
    "Reshape": reshape,
    "Shape": shape,
    "Size": size,
    "Slice": slice_,
    "SpaceToDepth": space_to_depth,
    "Split": split,
    "Squeeze": squeeze,
    "Tile": tile,
    "Transpose": transpose,
    "Unsqueeze": unsqueeze,
}
