"""Synonyms: other people's words for ours, from the frameworks and formats that they know.

One table for all: kinds, fields, their values, types, metrics and output formats. What can mean one
thing only is understood where it is written; the rest is suggested in its place.
"""

from collections.abc import Collection
from functools import lru_cache

_UNDERSTOOD = {
    # kinds
    "conv": "conv1d conv2d conv3d convolution convolution2d convolutional",
    "conv_transpose": "convtranspose2d conv2dtranspose transposed_conv transposed_convolution"
    " transpose_conv conv_transposed deconv deconvolution",
    "depthwise": "depthwise_conv depthwise_conv1d depthwise_conv2d depthwise_convolution",
    "linear": "dense fc fully_connected inner_product",
    "batch_norm": "bn batchnorm1d batchnorm2d batchnorm3d batch_normalization",
    "group_norm": "gn group_normalization",
    "layer_norm": "ln layer_normalization",
    "instance_norm": "instancenorm1d instancenorm2d instancenorm3d instance_normalization",
    "local_response_norm": "lrn",
    "max_pool": "maxpool1d maxpool2d maxpool3d max_pooling2d max_pooling",
    "avg_pool": "avgpool1d avgpool2d avgpool3d average_pooling2d average_pool average_pooling",
    "global_avg_pool": "gap global_average_pooling2d global_average_pool",
    "global_max_pool": "global_max_pooling2d",
    "adaptive_avg_pool": "adaptiveavgpool2d adaptive_average_pool",
    "adaptive_max_pool": "adaptivemaxpool2d",
    "concat": "cat concatenate concatenation",
    "multiply": "mul",
    "depthwise_separable": "separable_conv separable_conv2d",
    "squeeze_excitation": "squeeze_excite squeeze_and_excitation",
    # activations
    "silu": "swish",
    "hard_swish": "hswish h_swish",
    "hard_sigmoid": "hsigmoid h_sigmoid",
    "leaky_relu": "lrelu leaky",
    # values
    "batch": "bn batch_norm batchnorm2d",
    "group": "gn group_norm",
    "layer": "ln layer_norm",
    "instance": "instance_norm",
    "none": "linear",
    # fields
    "out": "filters out_channels num_output num_filters out_features",
    "kernel": "kernel_size kernel_shape pool_size ksize",
    "stride": "strides",
    "padding": "pads",
    "dilation": "dilations dilation_rate",
    "groups": "group num_groups",
    "act": "activation",
    "norm": "normalization",
    "bias": "use_bias bias_term",
    "scale": "scale_factor",
    "mid": "mid_channels hidden_channels",
    "eps": "epsilon",
    "slope": "negative_slope",
    "count_padding": "count_include_pad",
    # types
    "float32": "fp32 f32",
    "float16": "fp16 f16 half",
    "bfloat16": "bf16",
    "float64": "fp64 f64 double",
    "int16": "i16",
    "int8": "i8 qint8",
    "uint8": "u8 quint8",
    "float8": "fp8 f8 e4m3 e4m3fn e5m2 float8_e4m3 float8_e4m3fn float8_e5m2",
    # metrics
    "params": "parameters num_params",
    "macs": "mac madds mult_adds maccs",
    "peak": "peak_activation peak_memory",
    "ram": "sram",
    "rf": "receptive_field",
    # runtimes
    "inplace": "tinyengine mcunet",
    "tflm": "tflite tflite_micro tensorflow_lite_micro",
    # output formats
    "markdown": "md",
    "latex": "tex",
    "table": "text txt",
}
_SUGGESTED = {
    "out": "features units planes channels cout oc width",
    "mid": "hidden planes",
    "kernel": "k size",
    "stride": "s subsample",
    "groups": "g cardinality",
    "expand": "expansion expand_ratio t",
    "dilation": "rate atrous",
    "padding": "pad valid p",
    "rate": "p",
    "factor": "upscale_factor downscale_factor r",
    "upsample": "resize interpolate upsampling2d",
    "inverted_residual": "mbconv",
    "fused_inverted_residual": "fused_mbconv",
    "basic": "basic_block residual residual_block resblock resnet_block",
    "bottleneck": "bottleneck_block",
    "depthwise": "dwconv dw_conv dw",
    "depthwise_separable": "dsconv sepconv",
    "attention": "mhsa mha self_attention multihead_attention multi_head_attention",
    "squeeze_excitation": "se senet",
    "space_to_depth": "pixel_unshuffle focus reorg",
    "pixel_shuffle": "depth_to_space",
    "conv": "pointwise pointwise_conv pw conv1x1 conv3x3 1x1 3x3",
    "conv_transpose": "upconv up_conv",
    "act": "relu",
    "id": "name label",
    "from": "input inputs src",
    "repeat": "times copies",
    "layer": "layers",
    "stage": "layers sequential seq",
    "identity": "noop pass skip shortcut",
    "float32": "float single",
    "max_pool": "pool pooling",
    "batch_norm": "norm normalization normalisation",
    "relu": "act activation nonlinearity",
    # metrics
    "flops": "gflops mflops ops",
    "macs": "gmacs mmacs",
    "flash": "rom",
    "weights": "weight size model_size file_size",
    "activations": "acts",
    "gradients": "grads grad",
    "bound": "latency time runtime speed throughput fps ms",
    "traffic": "bandwidth bytes io memory_access",
    "effective_stride": "stride",
    "effective_padding": "padding",
    # devices
    "rp2040": "pico raspberry_pi_pico",
    "rp2350": "pico2 pico_2 raspberry_pi_pico_2",
    "imxrt1062": "teensy teensy4 teensy4.0 teensy4.1",
    "raspberry_pi_5": "rpi5 rpi_5 pi5 pi_5",
    "arduino_nano_33_ble": "nano33 nano_33_ble",
    # commands
    "show": "summary profile info inspect stats print tree",
    "plot": "draw chart graph picture",
    "compare": "cmp versus vs",
    "export": "convert",
    "list": "ls zoo models",
    "check": "gate lint assert",
}


def meant(word: str, known: Collection[str]) -> str | None:
    """Return the one known word that another word means; None where there is none, or several.

    A known word in another case, or without its underscores, means the known one.
    """
    ours = _known(_THEIRS, word, known)
    return ours[0] if len(ours) == 1 else None


def near(word: str, known: Collection[str]) -> str | None:
    """Return a known word that another word may mean."""
    ours = _known(_THEIRS, word, known) or _known(_MAYBE, word, known)
    return ours[0] if ours else None


def _by_theirs(ours: dict[str, str]) -> dict[str, list[str]]:
    table: dict[str, list[str]] = {}
    for word, theirs in ours.items():
        for their in theirs.split():
            table.setdefault(_plain(their), []).append(word)
    return table


def _known(table: dict[str, list[str]], word: str, known: Collection[str]) -> list[str]:
    plain = _plain(word)
    same = _by_plain(tuple(known)).get(plain)
    return same or [ours for ours in table.get(plain, ()) if ours in known]


@lru_cache(maxsize=4)
def _by_plain(known: tuple[str, ...]) -> dict[str, list[str]]:
    """Return known words by their letters: thousands may be asked for among thousands."""
    words: dict[str, list[str]] = {}
    for word in known:
        words.setdefault(_plain(word), []).append(word)
    return words


def _plain(word: str) -> str:
    return word.lower().replace("_", "").replace("-", "")


_THEIRS = _by_theirs(_UNDERSTOOD)
_MAYBE = _by_theirs(_SUGGESTED)
