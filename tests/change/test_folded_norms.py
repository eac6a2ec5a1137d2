"""Folded norms: the side that has them folded is named, if that explains what differs."""

from pathlib import Path

from bncalc.analysis.assumptions import STANDARD
from bncalc.analysis.difference import difference
from bncalc.change.explanation import FoldedNorms, folded_norms
from bncalc.change.pairing import open_versions
from bncalc.change.version import Version
from bncalc.opening.model import NO_OVERRIDES


def version_of(folder: Path, name: str, defaults: str, layers: str) -> Version:
    path = folder / f"{name}.yaml"
    head = f"name: {name}\ninput: [3, 8, 8]\ndefaults: {defaults}\n"
    path.write_text(f"{head}layers: [{{conv: {{out: 8}}}}, {layers}]\n")
    return open_versions(str(path), NO_OVERRIDES, STANDARD).versions[0]


NORMS, FOLDED = "{norm: batch}", "{bias: true}"


def test_the_folded_side_is_named_with_what_is_left(tmp_path: Path) -> None:
    rows = [
        (NORMS, 8, FOLDED, 8, FoldedNorms("new", 0)),
        (FOLDED, 8, NORMS, 8, FoldedNorms("old", 0)),
        (FOLDED, 8, NORMS, 9, FoldedNorms("old", 1)),
        (NORMS, 8, NORMS, 8, None),
        (NORMS, 8, NORMS, 9, None),
        (FOLDED, 8, FOLDED, 9, None),
    ]
    for was, out, now, wanted, answer in rows:
        layers = "{{conv: {{out: 8}}, repeat: 3}}, {{conv: {{out: {}}}}}"
        old = version_of(tmp_path, "old", was, layers.format(out))
        new = version_of(tmp_path, "new", now, layers.format(wanted))
        between = difference(old.report, new.report)
        assert folded_norms(between, old, new) == answer, (was, out, now, wanted)
    assert folded_norms(between, old._replace(design=None), new) is None
    assert folded_norms(between, None, new) is folded_norms(between, old, None) is None


def test_a_folded_side_is_named_if_less_than_half_is_left(tmp_path: Path) -> None:
    """One norm that is gone and one bias that is new, beside other layers that differ."""
    for others, answer in ((1, FoldedNorms("old", 1)), (2, None)):
        old, new = (
            version_of(tmp_path, name, defaults, ", ".join([f"linear: {{out: {out}}}"] * others))
            for name, defaults, out in (("old", FOLDED, 8), ("new", NORMS, 9))
        )
        assert folded_norms(difference(old.report, new.report), old, new) == answer, others
