"""The reader: a TensorFlow Lite file becomes a graph, with the plan of the file beside it."""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from contextlib import closing
from pathlib import PurePath

from bncalc.errors import ShapeError, UsageError
from bncalc.files import Content, refuse
from bncalc.model.origin import Design
from bncalc.model.reading import NoDesign, Reading, Request
from bncalc.readers.binary import Bytes, Damaged
from bncalc.readers.tflite.placement import graph_of
from bncalc.readers.tflite.schema import MainGraph, read_model
from bncalc.readers.tflite.sizes import with_constants, with_sizes

MOST_STREAMED = 256 * 1024 * 1024
"""A file that cannot be mapped, as one of a commit, is read whole up to so many bytes."""


def read(request: Request) -> tuple[Reading, ...]:
    """Return the one design of a TensorFlow Lite file.

    Raises SpecError, with an offset, for what is wrong in the file, UsageError for settings, of
    which there are none, and for another input than its own.
    """
    path, name = request.path, PurePath(request.path).stem
    if request.part:
        raise NoDesign(f"{path} is one model and holds no design {request.part!r}")
    for words in (request.settings, request.defaults):
        if words:
            raise UsageError(f"{path} is a TensorFlow Lite model; it has no {', '.join(words)}")
    content = request.files.open(path)
    with closing(content.stream):
        try:
            model = with_sizes(with_constants(read_model(_bytes(content))))
            graph = graph_of(model, name, content.size)
        except Damaged as error:
            refuse(request.files.called(path), f"byte {error.at}: {error.message}")
        except ShapeError as error:
            refuse(request.files.called(path), str(error))
    if request.input is not None and request.input != graph.input:
        raise UsageError(f"the input of {path} is {graph.input}, and no other can be set")
    notes = tuple([f"{path}: {note}" for note in _notes(model)])
    return (Reading((Design(graph),), name, notes=notes),)


def _notes(model: MainGraph) -> Iterator[str]:
    """Say what is not read, and from where on sizes depend on content, if they do anywhere."""
    if model.others:
        yield f"the file has {model.others + 1} subgraphs, and only the main one is read"
    for operation in model.operations:
        if not all(model.tensors[index].elements for index in operation.outputs):
            yield f"sizes depend on the data from {operation.word} on and are not known there"
            return


def _bytes(content: Content) -> Bytes:
    if content.file is not None and content.size:  # no file without a byte can be mapped
        return mmap.mmap(content.file, 0, access=mmap.ACCESS_READ)
    if content.size > MOST_STREAMED:
        raise Damaged(0, f"the file has {content.size} bytes; at most {MOST_STREAMED} are read")
    return content.stream.read(content.size)
