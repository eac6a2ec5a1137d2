"""ONNX files: read by hand from a map of the file, so that weights are never loaded."""
