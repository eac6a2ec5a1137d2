"""What changed between two states of a network, and why."""
