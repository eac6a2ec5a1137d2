"""What is suggested for a word is near it, and no other thing of a similar name."""

from random import Random

from tests.rows import each_of

from bncalc.analysis.assumptions import DTYPES
from bncalc.analysis.metric import METRICS, metric_named
from bncalc.devices import DEVICES
from bncalc.errors import hint_for, suggest
from bncalc.model.registry import WORDS
from bncalc.spelling import nearest
from bncalc.zoo import MODELS


@each_of(
    [
        ("kernal", ["kernel", "groups"], "kernel"),
        ("ocnv", ["conv"], "conv"),
        ("rleu", ["relu", "elu"], "relu"),
        ("stides", ["stride"], "stride"),
        ("depht", ["depths"], "depths"),
        ("gloabl_avg_pool", ["global_max_pool", "global_avg_pool"], "global_avg_pool"),
        ("mobilenet", MODELS, "mobilenet_v1"),
        ("itn8", DTYPES, "int8"),
        ("flaot32", DTYPES, "float32"),
        ("stm32f746zg", DEVICES, "stm32f746"),
        ("abcdef", ["abcde", "abcdeg"], "abcdeg"),  # of those with a slip the one as long
        ("convolut", ["conv", "convolution"], "convolution"),
        ("esp32", DEVICES, "esp32s3"),
        ("x" * 10_000, ["y" * 10_000], None),
    ]
)
def test_a_slip_and_a_word_cut_short_are_near(word: str, known: list[str], meant: str) -> None:
    assert nearest(word, known) == meant


def test_of_many_known_words_the_same_are_near_as_one_at_a_time() -> None:
    """What is looked up among many is held to what each is compared with alone."""
    letters, draw = "abcd1_", Random(0)
    words = ["".join(draw.choices(letters, k=draw.randint(1, 9))) for _ in range(400)]
    for word in words[:200]:
        known = words[200:]
        alone = [each for each in known if nearest(word, [each])]
        assert (nearest(word, known) in alone) if alone else (nearest(word, known) is None)


def test_a_hint_lists_no_more_words_than_somebody_reads() -> None:
    names = [f"v{i}x" for i in range(2000)]
    assert hint_for("other", names).endswith("v48x, v49x and 1,950 more")
    assert hint_for("v1999y", names) == " (did you mean 'v1999x'?)"


@each_of(
    [
        ("int4 uint4 int2 int1 int32 int64 fp4 nf4", DTYPES),
        ("v100 h100 a10 b200 t4 stm32f407 stm32f7", DEVICES),
        ("resnet51 resnet5 efficientnet_b9", MODELS),
        ("vram time fps ops throughput", METRICS),
        ("swiglu own", WORDS),
    ]
)
def test_another_thing_of_a_similar_name_is_not_near(words: str, known: list[str]) -> None:
    assert [nearest(word, known) for word in words.split()] == [None] * len(words.split())


@each_of(
    [
        ("latency", METRICS, "bound"),
        ("acts", METRICS, "activations"),
        ("pico", DEVICES, "rp2040"),
        ("pointwise", WORDS, "conv"),
        ("norm", WORDS, "batch_norm"),
        ("act", WORDS, "relu"),
        ("summary", ["show", "plot"], "show"),
        ("name", ["id", "from"], "id"),
    ]
)
def test_what_others_call_it_is_suggested(word: str, known: list[str], meant: str) -> None:
    assert suggest(word, known) == f" (did you mean '{meant}'?)"


def test_a_metric_is_known_by_what_others_call_it() -> None:
    assert metric_named("parameters").word == "params"
    assert metric_named("peak_activation_bytes").word == "peak"


def test_a_letter_of_another_alphabet_is_named() -> None:
    assert suggest("\u043eut", ["out", "kernel"]) == " (did you mean 'out'? '\u043e' is U+043E)"
    assert suggest("lay\u0435rs", ["layers"]) == " (did you mean 'layers'? '\u0435' is U+0435)"
    assert suggest("kernal", ["kernel"]) == " (did you mean 'kernel'?)"
