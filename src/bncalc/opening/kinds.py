"""Kinds of files: how each is known, what it is, and who reads it.

A reader of another format is a line in `READERS`: the word of its kind and `module:function`. What
such a function is given and what it gives is said in `bncalc.model.reading`.
"""

from collections.abc import Callable

from bncalc.errors import UsageError
from bncalc.language.nodes import MappingNode, YamlNode
from bncalc.language.selection import SUFFIXES, is_model
from bncalc.loading import loaded
from bncalc.model.reading import ModelReader
from bncalc.named import NamedTuple
from bncalc.opening.name import BLOCK, TORCH

READERS: dict[str, str] = {
    "block": "opening.block:read",
    "onnx": "readers.onnx.reader:read",
    "tflite": "readers.tflite.reader:read",
    "torch": "readers.torch.reader:read",
    "ultralytics": "readers.ultralytics.reader:read",
}
"""Who reads a kind of model that is not in bncalc's own language, imported when it is used."""

LANGUAGE = "yaml"


class FileKind(NamedTuple):
    """A kind of file that people have for models: `what` it is, and what such names end in."""

    word: str
    what: str
    suffixes: tuple[str, ...] = ()


FILE_KINDS = (
    FileKind("onnx", "an ONNX model", (".onnx",)),
    FileKind("pytorch", "a file of PyTorch weights, without the network", (".pt", ".pth", ".ckpt")),
    FileKind("torchscript", "a PyTorch program", (".ptl", ".pt2", ".torchscript")),
    FileKind("weights", "a file of weights, without the network", (".safetensors", ".npz", ".bin")),
    FileKind("tflite", "a TensorFlow Lite model", (".tflite",)),
    FileKind("tensorflow", "a TensorFlow graph", (".pb", ".pbtxt")),
    FileKind("keras", "a Keras model", (".h5", ".hdf5", ".keras")),
    FileKind("darknet", "a Darknet network", (".cfg",)),
    FileKind("caffe", "a Caffe network", (".prototxt", ".caffemodel")),
    FileKind("coreml", "a Core ML model", (".mlmodel", ".mlpackage")),
    FileKind("openvino", "an OpenVINO model", (".xml",)),
    FileKind("ncnn", "an ncnn network", (".param",)),
    FileKind("mnn", "an MNN model", (".mnn",)),
    FileKind("tensorrt", "a TensorRT engine", (".engine", ".plan", ".trt")),
    FileKind("python", "a Python file", (".py",)),
    FileKind("torch", "a PyTorch model"),
    FileKind("ultralytics", "an Ultralytics model"),
    FileKind("keras_json", "a Keras model as JSON"),
    FileKind("report", "a report that bncalc has written: numbers and no network"),
    FileKind("space", "a space of designs"),
    FileKind("budgets", "a budget file"),
    FileKind("timed", "a device"),
    FileKind("chip", "a device"),
)
"""A JSON or YAML file is known by its keys, a `torch:` name by its beginning."""


def kind_of(path: str) -> str:
    """Return the word of the kind of a file, by its name alone."""
    for beginning in (TORCH, BLOCK):
        if path.startswith(beginning):
            return beginning.removesuffix(":")
    lower = path.lower()
    return next((kind.word for kind in FILE_KINDS if lower.endswith(kind.suffixes)), LANGUAGE)


def kind_of_root(root: YamlNode) -> str:
    """Return the word of the kind of a YAML or JSON file, by the keys that it has."""
    if not isinstance(root, MappingNode):
        return LANGUAGE
    keys = {key.text for key, _ in root.entries}
    if keys & _OWN_KEYS:
        return LANGUAGE
    for word, typical in _KEYS.items():
        if typical <= keys:
            return word
    return "ultralytics" if keys & _KEYS["ultralytics"] else LANGUAGE


def kind_in(path: str, read: Callable[[str], YamlNode]) -> str:
    """Return the word of a model's kind: by its name, or by its keys where that does not say it."""
    kind = kind_of(path)
    return kind_of_root(read(path)) if kind == LANGUAGE else kind


def is_ours(path: str, read: Callable[[str], YamlNode]) -> bool:
    """Return whether a model is a file of the language that can be read once more."""
    return path != "-" and kind_in(path, read) == LANGUAGE


def is_readable(path: str) -> bool:
    """Return whether a file that a glob finds is a model that can be read.

    No file is one whose name would be taken for code to run.
    """
    if path.startswith((TORCH, BLOCK)):
        return False
    return is_model(path) if path.lower().endswith(SUFFIXES) else kind_of(path) in READERS


def reader(kind: str) -> ModelReader:
    """Return the reader of a kind."""
    read: ModelReader = loaded(READERS[kind])
    return read


def unread(name: str, word: str) -> UsageError:
    """Return what to say of a model that nobody here reads."""
    kind = next(kind for kind in FILE_KINDS if kind.word == word)
    hint = _HINTS.get(word, "")
    return UsageError(f"{name} is {kind.what}; bncalc reads {what_is_read()}{hint}")


def what_is_read() -> str:
    """Say which models are read."""
    others = [kind.what for kind in FILE_KINDS if kind.word in READERS]
    own = "its own YAML (`bncalc show NAME` for one that is shipped, or a file)"
    return ", ".join([own, *others])


_KEYS = {
    "ultralytics": {"backbone", "head"},
    "report": {"schema", "designs"},
    "keras_json": {"class_name", "config"},
    "space": {"model", "vary"},
    "budgets": {"version", "budgets"},
    "timed": {"peak", "bandwidth"},
    "chip": {"ram"},
}
_OWN_KEYS = {"layers", "blocks", "define"}
"""Keys of our own language: what else is in the file is a mistake there, and no other kind's."""
_BY_CODE = "; name the code that makes the network as torch:package.module:callable"
_HINTS = {
    "pytorch": _BY_CODE,
    "torchscript": _BY_CODE,
    "weights": _BY_CODE,
    "report": "; `bncalc diff` and `check --base` read reports",
    "space": "; `bncalc sweep` reads spaces",
    "budgets": "; `bncalc check` reads budget files",
    "timed": "; name a device with --device",
    "chip": "; name a device with --device",
    "python": "; name a callable in it as torch:package.module:callable",
}
