"""PyTorch: each op as a line of source, and a network as a module file that a person would own."""
