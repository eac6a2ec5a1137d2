"""Findings: why they are, for as many as people read."""

import bncalc
from bncalc.budget.holding import Findings
from bncalc.budget.verdict import Check, Subject
from bncalc.change.version import Version
from bncalc.errors import Location


def test_a_hundred_findings_of_a_design_are_explained() -> None:
    report = bncalc.measure(bncalc.block("conv", (3, 8, 8), out=4))
    at = Location("net.yaml", 1, 1)
    check = Check(
        "BN101", "all", Subject("net", "net"), "params", "fail", 108, 100, "100", None, at, at
    )
    findings = Findings(Version(report), None)
    explained = [findings.explained(check).why is not None for _ in range(101)]
    assert explained == [True] * 100 + [False]
