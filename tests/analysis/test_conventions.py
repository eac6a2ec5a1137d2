"""Every tool's total, to the unit, against totals measured by running that tool."""

from typing import NamedTuple

import pytest

import bncalc
from bncalc.analysis.conventions import COLUMNS, CONVENTIONS, account

TOOLS = (
    *("fvcore", "ptflops", "ptflops-aten", "thop"),
    *("torchinfo", "calflops-macs", "calflops", "torch"),
)
# Measured at 3×224×224, batch 1, on torchvision's models, in the order of TOOLS.
MEASURED = """
alexnet 714197696 716441128 714682664 714206912 714682664 714188480 1429741184 1428376960
densenet121 2865546752 2899843048 2834162664 2897007104 2834246312 2834161664 5716881152 5668323328
efficientnet_b0 401659392 410196896 385825092 415145024 385867108 385814752 793641400 771629504
googlenet 1504878688 1513907448 1498377192 1511332032 1498391752 1498376192 3009356752 2996752384
mobilenet_v2 314193216 320300008 300775272 327486720 300809384 300774272 614967488 601548544
mobilenet_v3_large 226033824 231316416 216597120 234838456 216621520 216589760 444944056 433179520
regnet_y_400mf 410406088 418388672 401849056 418183352 401876208 401842848 815847000 803685696
resnet18 1819065856 1825313768 1814074344 1824033792 1814083944 1814073344 3636250112 3628146688
resnet50 4111512576 4132436968 4089185256 4133742592 4089238376 4089184256 8211108352 8178368512
shufflenet_v2_x1_0 148808392 152387568 144908992 152708792 144925172 144907992 295505472 289815984
squeezenet1_0 819093576 836821960 823270824 819094576 823270824 818924576 1648970968 1637849152
vgg16_bn 15497384448 15550320616 15483821032 15524504576 15483829480 15470264320 \
31000873472 30940528640
"""


class Unseen(NamedTuple):
    """What a tool does not see in torchvision's code and bncalc counts: the reason, the number."""

    reason: str
    counted: int


# A graph does not tell whether the code calls a module, a function or a method of the tensor.
GAP_DENSENET, GAP_MOBILENET, GAP_SHUFFLENET = 1024 * 7 * 7, 1280 * 7 * 7, 1024 * 7 * 7
GOOGLENET_RELU = 3_226_160
UNREACHED = {
    ("densenet121", "ptflops"): Unseen(
        "the last ReLU and pooling are functions: counted once, not twice",
        1024 * 7 * 7 + GAP_DENSENET,
    ),
    ("densenet121", "thop"): Unseen(
        "the last pooling is a function: thop hooks modules", GAP_DENSENET + 1024
    ),
    ("googlenet", "ptflops"): Unseen(
        "every ReLU is a function: counted once, not twice", GOOGLENET_RELU
    ),
    ("mobilenet_v2", "ptflops"): Unseen(
        "the last pooling is a function: counted once, not twice", GAP_MOBILENET
    ),
    ("mobilenet_v2", "thop"): Unseen(
        "the last pooling is a function: thop hooks modules", GAP_MOBILENET + 1280
    ),
    ("shufflenet_v2_x1_0", "fvcore"): Unseen("the last pooling is x.mean()", GAP_SHUFFLENET),
    ("shufflenet_v2_x1_0", "ptflops"): Unseen("the last pooling is x.mean()", 2 * GAP_SHUFFLENET),
    ("shufflenet_v2_x1_0", "thop"): Unseen("the last pooling is x.mean()", GAP_SHUFFLENET + 1024),
    ("shufflenet_v2_x1_0", "calflops"): Unseen("the last pooling is x.mean()", GAP_SHUFFLENET),
}

CELLS = [
    (network, tool, int(total))
    for network, *totals in (line.split() for line in MEASURED.strip().splitlines())
    for tool, total in zip(TOOLS, totals, strict=True)
]


@pytest.mark.parametrize(("network", "tool", "measured"), CELLS)
def test_a_total_is_the_tools_own(network: str, tool: str, measured: int) -> None:
    found = account(bncalc.load(network)[0], CONVENTIONS[tool]).total
    unseen = UNREACHED.get((network, tool))
    assert found - (unseen.counted if unseen else 0) == measured


@pytest.mark.parametrize(
    ("network", "fvcore", "ptflops", "thop", "torchinfo"),
    [
        ("resnext50_32x4d", 4_259_381_248, 4_286_878_696, 4_288_184_320, 4_230_549_096),
        ("vgg16", 15_470_289_408, 15_523_225_576, 15_470_314_496, 15_483_821_032),
    ],
)
def test_networks_outside_the_table(
    network: str, fvcore: int, ptflops: int, thop: int, torchinfo: int
) -> None:
    """Totals seen when the tools were run on further networks."""
    graph = bncalc.load(network)[0]
    tools = ("fvcore", "ptflops", "thop", "torchinfo")
    found = tuple(account(graph, CONVENTIONS[tool]).total for tool in tools)
    assert found == (fvcore, ptflops, thop, torchinfo)


def test_torchprofile_on_resnet50() -> None:
    assert account(bncalc.load("resnet50")[0], CONVENTIONS["torchprofile"]).total == 4_100_300_288


@pytest.mark.parametrize(
    ("network", "published"),
    [
        ("resnet50", 4_089_185_256),
        ("efficientnet_b0", 385_825_092),
        ("regnet_x_400mf", None),
    ],
)
def test_pycls_prints_products_and_bias(network: str, published: int | None) -> None:
    """pycls, dev/model_complexity.json; its RegNets have other widths than torchvision's head."""
    graph = bncalc.load(network)[0]
    found = account(graph, CONVENTIONS["pycls"])
    assert found.total == (published or bncalc.measure(graph).totals.macs + 1000)


def test_terms_of_resnet50_by_hand() -> None:
    found = account(bncalc.load("resnet50")[0], CONVENTIONS["ptflops"])
    norm, relu, max_pool, mean = 2 * 11_113_984, 2 * 9_608_704, 2 * 802_816, 2 * 100_352
    assert dict(zip(COLUMNS, found.terms, strict=True)) == {
        "core": 4_089_184_256,
        "bias": 1_000,
        "norm": norm,
        "activation": relu,
        "pooling": max_pool + mean,
        "other": 0,
    }


def test_transposed_convolutions_by_output_are_stride_squared_too_many() -> None:
    graph = bncalc.block("conv_transpose", (8, 10, 10), out=4, kernel=2, stride=2)
    right = account(graph, CONVENTIONS["fvcore"]).total
    assert account(graph, CONVENTIONS["thop"]).total == 4 * right == 4 * 8 * 4 * 4 * 100


def test_a_batch_multiplies_all_but_torchinfos_norms() -> None:
    graph = bncalc.load("resnet18")[0]
    one, eight = (account(graph, CONVENTIONS["torchinfo"], batch).terms for batch in (1, 8))
    norm = COLUMNS.index("norm")
    assert eight[norm] == one[norm]
    assert [8 * term for term in one[:norm]] == list(eight[:norm])
