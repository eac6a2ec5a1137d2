"""ONNX out: a graph becomes a file that runtimes open."""
