"""Words: what operations that differ in nothing else are to us, and what others of them cost."""

from __future__ import annotations

NATIVE: dict[str, str] = {
    "Elu": "elu",
    "Exp": "exp",
    "Gelu": "gelu",
    "HardSigmoid": "hard_sigmoid",
    "HardSwish": "hard_swish",
    "LeakyRelu": "leaky_relu",
    "Log": "log",
    "Mish": "mish",
    "QLinearLeakyRelu": "leaky_relu",
    "QLinearSigmoid": "sigmoid",
    "Relu": "relu",
    "Sigmoid": "sigmoid",
    "SiLU": "silu",
    "Softplus": "softplus",
    "Sqrt": "sqrt",
    "Tanh": "tanh",
}
"""Functions of each element as our ops."""
PER_ELEMENT = {
    "Abs": 1, "Acos": 1, "Acosh": 1, "Affine": 2, "Asin": 1, "Asinh": 1, "Atan": 1, "Atanh": 1,
    "Bernoulli": 1, "BiasAdd": 2, "BiasGelu": 6, "BiasSoftmax": 4, "Binarizer": 1, "BitShift": 1,
    "BitwiseNot": 1, "Ceil": 1, "Celu": 5, "Clip": 2, "Cos": 1, "Cosh": 1, "CumProd": 1, "CumSum":
    1, "Erf": 1, "Erfc": 2, "Floor": 1, "Hardmax": 1, "ImageScaler": 2, "Imputer": 1, "IsInf": 1,
    "IsNaN": 1, "LogSoftmax": 4, "LpNormalization": 3, "MeanVarianceNormalization": 5, "Neg": 1,
    "Normalizer": 3, "Not": 1, "ParametricSoftplus": 5, "QuickGelu": 5, "RandomNormalLike": 1,
    "RandomUniformLike": 1, "Reciprocal": 1, "RotaryEmbedding": 3, "Round": 1, "ScaledTanh": 3,
    "Scaler": 2, "Selu": 4, "Shrink": 3, "Sign": 1, "Sin": 1, "Sinh": 1, "Softsign": 3, "Swish": 5,
    "Tan": 1, "ThresholdedRelu": 1, "Trilu": 0,
}  # fmt: skip
"""Operations for each element, as `model.ops.activation` counts them."""
REDUCTIONS = {
    "ArgMax": 1, "ArgMin": 1, "ReduceL1": 2, "ReduceL2": 2, "ReduceLogSum": 1,
    "ReduceLogSumExp": 2, "ReduceMax": 1, "ReduceMean": 1, "ReduceMin": 1, "ReduceProd": 1,
    "QLinearReduceMean": 1, "ReduceSum": 1, "ReduceSumSquare": 2, "TopK": 1,
}  # fmt: skip
"""Operations for each element that arrives, if what comes out needs none of its own."""
GATHERING = {
    "ArgMax", "ArgMin", "ReduceL1", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceSum",
    "ReduceSumSquare",
}  # fmt: skip
"""Those that add up or compare all but the first of what comes together, and do nothing more."""
NATIVE_REDUCTIONS: dict[str, tuple[str, ...]] = {
    "ReduceL2": ("square", "sum", "sqrt"),
    "ReduceLogSum": ("sum", "log"),
    "ReduceLogSumExp": ("exp", "sum", "log"),
    "ReduceMax": ("max",),
    "ReduceMean": ("mean",),
    "ReduceSum": ("sum",),
    "ReduceSumSquare": ("square", "sum"),
}
"""What gathers along axes as our own ops do it, one after the other."""
OVER = {"max", "mean", "sum"}
"""Those of them that gather; the others work on each element."""
GLOBAL = {"ReduceMax": "global_max_pool", "ReduceMean": "global_avg_pool"}
"""What gathers along all positions, and nothing else."""
JOINS = {
    "Add": "add", "And": "and", "BitwiseAnd": "and", "BitwiseOr": "or", "BitwiseXor": "xor",
    "Div": "divide", "Equal": "compare", "Greater": "compare", "GreaterOrEqual": "compare",
    "Less": "compare", "LessOrEqual": "compare", "Max": "maximum", "Mean": "mean",
    "Min": "minimum", "Mod": "modulo", "Mul": "multiply", "Or": "or", "Pow": "power",
    "QLinearAdd": "add", "QLinearMul": "multiply", "QLinearWhere": "where", "Sub": "subtract",
    "Sum": "add", "Where": "where", "Xor": "xor",
}  # fmt: skip
"""Joins of maps element by element."""
NATIVE_JOINS = {"add", "divide", "multiply", "subtract"}
"""Those that are ops of our own."""
POWERS: dict[float | None, str] = {0.5: "sqrt", 2.0: "square"}
"""Powers that have a word."""
