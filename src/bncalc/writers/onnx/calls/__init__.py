"""Calls: lines of PyTorch as ONNX, each function of them by the operations that do the same."""
