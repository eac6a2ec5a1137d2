"""Verdicts by hand: a head widened from 1280 to 1920, a model where all is well, and corners."""

from bncalc.analysis.assumptions import STANDARD
from bncalc.budget.verdict import Check, Subject, Verdict
from bncalc.change.reasons import Cause, LayerChange, Why
from bncalc.errors import Location
from bncalc.mending.fix import Fix

FILE = "bncalc.budget.yaml"
MOBILE = Subject("models/mobile/mbv2_x1.yaml", "mbv2_x1")
HEAD = Location(MOBILE.model, 41, 10)
CAUSE = Cause("head.conv.out", "1280", "1920", HEAD)
LAYERS = (
    LayerChange("head.fc", 1_281_000, 1_921_000),
    LayerChange("head.conv", 409_600, 614_400),
    LayerChange("head.conv.norm", 2_560, 3_840),
)
NOTE = "Mobile models ship in the app; see docs/mobile-budget.md or ask @vision-mobile."


def fix(new: str, *meets: str) -> Fix:
    return Fix("head.conv.out", "1920", new, "<=", HEAD, meets)


FAILED = Check(
    rule="BN101",
    budget="mobile",
    subject=MOBILE,
    metric="params",
    status="fail",
    value=4_350_952,
    bound=4_000_000,
    written="4M",
    base=3_504_872,
    location=HEAD,
    budget_location=Location(FILE, 12, 15),
    message=NOTE,
    why=Why(LAYERS, (CAUSE,)),
    fixes=(fix("1654", "params <= 4M"), fix("1306", "params <= 4M", "params growth <= 1%")),
)
GROWN = FAILED._replace(rule="BN201", bound=3_539_920, written="1%")
WARNED = FAILED._replace(
    metric="macs",
    status="warn",
    value=311_449_472,
    bound=310_000_000,
    written="310M",
    base=300_774_272,
    why=Why((LayerChange("head.conv", 20_070_400, 30_105_600),), (CAUSE,)),
    fixes=None,
    message="",
)
PASSED = FAILED._replace(status="pass", why=None, fixes=None, message="")
WEIGHTS = PASSED._replace(
    metric="weights", value=17_403_808, bound=18 * 1024**2, written="18 MiB", base=14_019_488
)
PEAK = PASSED._replace(
    metric="peak", value=6_021_120, bound=8 * 1024**2, written="8 MiB", base=6_021_120
)
MACS_GROWN = PASSED._replace(
    rule="BN201",
    metric="macs",
    value=311_449_472,
    bound=320_774_272,
    written="20M",
    base=300_774_272,
)
WELL = PASSED._replace(
    subject=Subject("models/mobile/tiny.yaml", "tiny"),
    value=1_200_000,
    base=1_200_000,
    location=Location("models/mobile/tiny.yaml"),
)
SKIPPED = WELL._replace(
    rule="BN202",
    subject=Subject("models/mobile/new.yaml", "new"),
    status="skip",
    bound=None,
    base=None,
    written="1%",
    reason="the model is not in main@a1b2c3d (merge-base), so there is no growth to measure",
    location=Location("models/mobile/new.yaml"),
)


def verdict(*checks: Check, base: str | None = "origin/main@a1b2c3d (merge-base)") -> Verdict:
    return Verdict(FILE, STANDARD, (3, 224, 224), base, checks)


PULL_REQUEST = verdict(WELL, FAILED, GROWN, WARNED, MACS_GROWN, WEIGHTS, PEAK, SKIPPED)
CLEAN = verdict(WELL, WELL._replace(metric="macs", value=5, bound=10, base=5))
