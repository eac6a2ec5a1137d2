"""What a person writes: YAML text, read into nodes, decoded and assembled into networks."""
