"""Folded norms: the side that has them folded is named, if that explains what differs."""

from pathlib import Path

from bncalc.analysis.assumptions import STANDARD
from bncalc.analysis.difference import difference
from bncalc.change.folded_norms import FoldedNorms, folded_norms
from bncalc.change.pairing import open_versions
from bncalc.change.version import Version
from bncalc.opening.model import NO_OVERRIDES


def version_of(folder: Path, name: str, defaults: str, out: int) -> Version:
    path = folder / f"{name}.yaml"
    layers = f"layers: [{{conv: {{out: 8}}, repeat: 4}}, {{conv: {{out: {out}}}}}]\n"
    path.write_text(f"name: {name}\ninput: [3, 8, 8]\ndefaults: {defaults}\n{layers}")
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
        old = version_of(tmp_path, "old", was, out)
        new = version_of(tmp_path, "new", now, wanted)
        between = difference(old.report, new.report)
        assert folded_norms(between, old, new) == answer, (was, out, now, wanted)
    assert folded_norms(between, old._replace(design=None), new) is None
