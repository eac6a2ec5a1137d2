"""What a trace says of a run, without PyTorch."""

from bncalc.readers.torch.trace import SizedCall, Trace, TracedCall, TracedTensor, idle

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
