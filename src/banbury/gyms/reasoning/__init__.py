"""Short problems with computed answers."""
