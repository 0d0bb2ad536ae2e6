"""What a task wants of the final state, in parts, and what it allows beside them."""
