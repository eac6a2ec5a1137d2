"""What a network is: shapes, ops with their costs, blocks that place them, nets, the graph."""
