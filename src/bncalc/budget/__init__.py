"""What is allowed: a base to compare with, what changed against it, and what would mend it."""
