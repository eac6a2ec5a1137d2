"""Edits after which a network would fit a microcontroller."""

from pathlib import Path

from tests.rows import each_of

from bncalc.analysis.assumptions import STANDARD
from bncalc.analysis.measurement import measure
from bncalc.mending.deployment import edits_that_fit
from bncalc.model.device import Device
from bncalc.model.reading import Request
from bncalc.opening.model import NO_OVERRIDES, open_model, request_of
from bncalc.opening.name import parse

NET = "input: [3, 32, 32]\nlayers: [conv: {out: 64}]\n"
YOLO = "backbone:\n  - [-1, 1, Conv, [64, 3, 2]]\nhead: []\n"
BOARD = Device("board", ram=64 * 1024, flash=1024 * 1024, core="cortex-m4")


@each_of(
    [
        # 65,536 bytes of 64 maps of 32×32 beside the input are more than 64 KiB
        (NET, BOARD, [("conv.out", ("RAM",)), ("input[1]", ("RAM",))]),
        (NET, BOARD._replace(ram=1024 * 1024), None),
        (NET, BOARD._replace(ram=1024 * 1024, flash=None), None),
        (NET, BOARD._replace(flash=None), [("conv.out", ("RAM",)), ("input[1]", ("RAM",))]),
        (YOLO, BOARD, None),
    ]
)
def test_edits_are_of_files_that_do_not_fit(
    text: str, board: Device, edits: list[tuple[str, tuple[str, ...]]] | None, tmp_path: Path
) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(text)
    name = parse(str(path))
    graph = open_model(name).designs[0].graph
    report = measure(graph, STANDARD._replace(device=board), ["deployment"])
    answer = edits_that_fit(request_of(name, NO_OVERRIDES), report)
    assert (answer and [(fix.field, fix.meets) for fix in answer]) == edits
    assert edits_that_fit(Request(f"{path}.onnx"), report) is None  # which is not read again
