"""The numbers of every shipped network are those that were recorded, to the last layer.

A row of `documents.csv` holds two hashes of a network: of its JSON as it stands, and of its JSON at
batch 2, norms folded, with every analysis that needs no device. Keys that documents have gained
since are left out, so a hash changes only where a number, a name or the order has changed. To
accept such a change, run `pytest tests/zoo/test_documents.py --golden`.
"""

import csv
import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from tests import shipped

import bncalc
from bncalc.render.json import document
from bncalc.zoo import MODELS

FILE = Path(__file__).with_name("documents.csv")
ANALYSES = ("live", "training", "flash", "intensity", "receptive_field")
FOLDED = bncalc.Assumptions(batch=2, fold_norm=True)

_COUNTS = ("params", "buffers", "macs", "elementwise", "activations", "traffic_bytes")
_FIELD = ("receptive_field", "effective_stride", "effective_padding", "receptive_field_scope")
_TRAINING = ("saved_for_backward_bytes", "gradient_bytes", "optimizer_bytes", "training_bytes")
DOCUMENT = ("convention", "batch", "dtype", "memory_policy", "fold_norm", "optimizer", "baseline")
DESIGN = ("name", "input", "output", "peak")
TOTALS = (*_COUNTS, "flops", "weight_bytes", "peak_activation_bytes")
FURTHER_TOTALS = (*_TRAINING, "flash_bytes", "intensity", *_FIELD, "receptive_field_of")
LAYER = ("path", "op", "input", "output", *_COUNTS, "formula")
FURTHER_LAYER = (
    *("live_bytes", "saved_for_backward_bytes", "intensity"),
    *(*_FIELD, "receptive_field_branches"),
)
PART = ("path", "block", "output", "params", "macs", "activations")


def digest(whole: dict[str, Any], *, further: bool) -> str:
    """Return a hash of the keys above; a key that is missing is an error."""
    totals = (*TOTALS, *(FURTHER_TOTALS if further else ()))
    layer = (*LAYER, *(FURTHER_LAYER if further else ()))
    kept = [[whole[key] for key in DOCUMENT]]
    for design in whole["designs"]:
        kept.append([design[key] for key in DESIGN])
        kept.append([design["totals"][key] for key in totals])
        kept += [[row[key] for key in layer] for row in design["layers"]]
        kept += [[part[key] for key in PART] for part in design["parts"]]
    return sha256(json.dumps(kept).encode()).hexdigest()[:16]


def recorded(name: str) -> dict[str, str]:
    """Return the row of a network as it is now."""
    folded = bncalc.measure(shipped.graph(name), FOLDED, also=ANALYSES)
    standard, further = (
        document(bncalc.compare((report,), report.name))
        for report in (shipped.report(name), folded)
    )
    return {
        "name": name,
        "standard": digest(standard, further=False),
        "folded": digest(further, further=True),
    }


def kept() -> dict[str, dict[str, str]]:
    with FILE.open(encoding="utf-8", newline="") as file:
        return {row["name"]: row for row in csv.DictReader(file)}


def test_every_shipped_network_is_recorded(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--golden"):
        with FILE.open("w", encoding="utf-8", newline="") as file:
            rows = csv.DictWriter(file, ("name", "standard", "folded"), lineterminator="\n")
            rows.writeheader()
            rows.writerows(map(recorded, MODELS))
    assert list(kept()) == list(MODELS)


@pytest.mark.parametrize("name", MODELS)
def test_the_documents_of_a_shipped_network_are_as_recorded(
    name: str, request: pytest.FixtureRequest
) -> None:
    if request.config.getoption("--golden"):
        pytest.skip("they are being recorded, maybe by another worker")
    assert recorded(name) == kept()[name]
