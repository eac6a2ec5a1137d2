"""What a graph costs."""
