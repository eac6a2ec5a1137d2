"""What a trace says of a run, without PyTorch."""

from bncalc.readers.torch.trace import SizedCall, Trace, TracedCall, TracedTensor, Weight, idle

SIZES = (1, 4, 6, 6)


def call(word: str, given: int, made: int) -> TracedCall:
    """Return a call that makes a tensor of another, each by its number."""
    value = (TracedTensor(given, SIZES),)
    return TracedCall(word, (), value, outputs=(TracedTensor(made, SIZES),), called="module")


def trace(*sized: SizedCall) -> Trace:
    """Return a run of three calls on the input, of which the model returns the last."""
    calls = call("conv2d", 0, 1), call("conv2d", 0, 2), call("relu", 0, 3)
    inputs = {"x": TracedTensor(0, SIZES)}
    return Trace(inputs, calls, (TracedTensor(3, SIZES),), {}, {}, {}, sized=sized)


def test_a_tensor_is_read_too_whose_size_something_is_made_of() -> None:
    one: frozenset[int] = frozenset([1])
    for sized, unread in (
        ((), {1, 2}),
        ((SizedCall(one, frozenset([3])),), {2}),
        ((SizedCall(one, frozenset()),), {2}),  # what is made of no map may be read
        ((SizedCall(one, frozenset([2])),), {1, 2}),
    ):
        assert idle(trace(*sized)) == unread, sized


def test_a_weight_that_is_made_like_a_map_is_told_its_sizes() -> None:
    weight, x = Weight(frozenset(["scale"]), (6, 1, 1)), TracedTensor(0, SIZES)
    for word, told, given in (
        ("expand_as", "expand", (weight, SIZES)),
        ("view_as", "view", (weight, SIZES)),
        ("reshape_as", "reshape", (weight, SIZES)),
        ("type_as", "to", (weight,)),
    ):
        call = TracedCall(word, (), (weight,), {"other": x}).told_sizes()
        assert (call.word, call.all, call.values) == (told, given, [])
    other = TracedCall("expand_as", (), (x, weight))
    assert other.told_sizes() == other
