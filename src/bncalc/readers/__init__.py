"""Other people's models become graphs."""
