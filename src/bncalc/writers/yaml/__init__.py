"""The language out: a graph becomes a file that a person can edit."""
