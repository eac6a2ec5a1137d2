"""What a graph costs: a report, what further analyses add to it, and reports side by side."""
