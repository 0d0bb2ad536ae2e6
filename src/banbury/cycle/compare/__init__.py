"""Compare: two checkpoints on the same reserved items, and the report of the loop."""
