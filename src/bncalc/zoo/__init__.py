"""The zoo: published networks, shipped as YAML; and which file holds which."""

from __future__ import annotations

_FAMILIES = {
    "alexnet": "alexnet",
    "vgg": "vgg11 vgg13 vgg16 vgg19 vgg11_bn vgg13_bn vgg16_bn vgg19_bn",
    "googlenet": "googlenet googlenet_aux",
    "inception_v3": "inception_v3 inception_v3_aux",
    "resnet_basic": "resnet18 resnet34",
    "resnet": "resnet50 resnet101 resnet152 resnext50_32x4d resnext101_32x8d resnext101_64x4d "
    "wide_resnet50_2 wide_resnet101_2",
    "squeezenet1_0": "squeezenet1_0",
    "squeezenet1_1": "squeezenet1_1",
    "densenet": "densenet121 densenet161 densenet169 densenet201 densenet264",
    "xception": "xception",
    "mlperf_tiny_vww": "mlperf_tiny_vww",
    "mlperf_tiny_ic": "mlperf_tiny_ic",
    "mlperf_tiny_kws": "mlperf_tiny_kws",
    "mlperf_tiny_ad": "mlperf_tiny_ad",
    "mobilenet_v1": "mobilenet_v1 mobilenet_v1_x0_75 mobilenet_v1_x0_5 mobilenet_v1_x0_25",
    "mobilenet_v2": "mobilenet_v2",
    "mobilenet_v3_large": "mobilenet_v3_large",
    "mobilenet_v3_small": "mobilenet_v3_small",
    "mnasnet": "mnasnet0_5 mnasnet0_75 mnasnet1_0 mnasnet1_3",
    "shufflenet_v2": "shufflenet_v2_x0_5 shufflenet_v2_x1_0 shufflenet_v2_x1_5 shufflenet_v2_x2_0",
    "efficientnet": "efficientnet_b0 efficientnet_b1 efficientnet_b2 efficientnet_b3 "
    "efficientnet_b4 efficientnet_b5 efficientnet_b6 efficientnet_b7",
    "efficientnet_v2": "efficientnet_v2_s efficientnet_v2_m efficientnet_v2_l",
    "regnet_x": "regnet_x_400mf regnet_x_800mf regnet_x_1_6gf regnet_x_3_2gf regnet_x_8gf "
    "regnet_x_16gf regnet_x_32gf",
    "regnet_y": "regnet_y_400mf regnet_y_800mf regnet_y_1_6gf regnet_y_3_2gf regnet_y_8gf "
    "regnet_y_16gf regnet_y_32gf regnet_y_128gf",
    "convnext": "convnext_tiny convnext_small convnext_base convnext_large",
    "ghostnet": "ghostnet",
    "hardnet": "hardnet68 hardnet85",
    "hardnet_ds": "hardnet39ds hardnet68ds",
    "yolov5": "yolov5n yolov5s yolov5m yolov5l yolov5x",
    "yolov8": "yolov8n yolov8s yolov8m yolov8l yolov8x",
    "yolo11": "yolo11n yolo11s yolo11m yolo11l yolo11x",
    "repvgg": "repvgg_a0 repvgg_a1 repvgg_a2 repvgg_b0 repvgg_b1 repvgg_b2 repvgg_b3 "
    "repvgg_a0_deploy repvgg_a1_deploy repvgg_a2_deploy repvgg_b0_deploy",
    "video_resnet": "r3d_18 mc3_18",
    "r2plus1d_18": "r2plus1d_18",
    "unet": "unet",
    "retinanet_resnet50_fpn": "retinanet_resnet50_fpn",
    "hrnet_w18_small": "hrnet_w18_small",
    "mobilevit": "mobilevit_s mobilevit_xs mobilevit_xxs",
    "edgenext": "edgenext_xx_small edgenext_x_small edgenext_small",
    "acnet": "acnet_vgg16 acnet_vgg16_deploy",
}

MODELS = {name: family for family, names in _FAMILIES.items() for name in names.split()}
"""The file, without its suffix, of every shipped name."""


ZOO: str = __path__[0]
"""The folder of the shipped files."""


def file_of(name: str) -> str:
    """Return the path of the file that holds a shipped network."""
    return f"{ZOO}/{MODELS[name]}.yaml"
