"""Models of PyTorch, read by running them on the meta device, where tensors have sizes alone."""
