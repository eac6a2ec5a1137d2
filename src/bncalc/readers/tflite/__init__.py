"""TensorFlow Lite files: read by hand, without their weights."""
