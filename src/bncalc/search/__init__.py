"""Which design to take: many of them at once, and the formula of them all."""
