"""YOLOv5s layer by layer, against what its own program prints.

Source: ultralytics/yolov5 v7.0, tutorial.ipynb, the table of layers (80 classes).
"""

from tests import shipped

ROWS = (
    (0, "Conv", 3_520),
    (1, "Conv", 18_560),
    (2, "C3", 18_816),
    (3, "Conv", 73_984),
    (4, "C3", 115_712),
    (5, "Conv", 295_424),
    (6, "C3", 625_152),
    (7, "Conv", 1_180_672),
    (8, "C3", 1_182_720),
    (9, "SPPF", 656_896),
    (10, "Conv", 131_584),
    (11, "Upsample", 0),
    (12, "Concat", 0),
    (13, "C3", 361_984),
    (14, "Conv", 33_024),
    (15, "Upsample", 0),
    (16, "Concat", 0),
    (17, "C3", 90_880),
    (18, "Conv", 147_712),
    (19, "Concat", 0),
    (20, "C3", 296_448),
    (21, "Conv", 590_336),
    (22, "Concat", 0),
    (23, "C3", 1_182_720),
    (24, "Detect", 229_245),
)


def test_every_layer_has_the_params_of_the_original() -> None:
    report = shipped.report("yolov5s")
    parts = {part.start: part for part in report.sections if part.depth == 0}
    rows, at = [], 0
    while at < len(report.layers):
        if at in parts:
            rows.append((parts[at].word, parts[at].cost.params))
            at = parts[at].stop
            continue
        layer, attached = report.layers[at], report.layers[at].path + "."
        params = layer.cost.params
        at += 1
        while at < len(report.layers) and report.layers[at].path.startswith(attached):
            params += report.layers[at].cost.params
            at += 1
        rows.append((layer.op, params))
    heads = [params for word, params in rows if word == "detect"]
    body = [params for word, params in rows if word != "detect"]
    assert [*body, sum(heads)] == [params for _, _, params in ROWS]
