"""Ultralytics model files: rows of modules with their channels scaled, placed as native blocks."""
