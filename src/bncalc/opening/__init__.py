"""Opening: a MODEL, by any name that a person gives it, becomes graphs."""
