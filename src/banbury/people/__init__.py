"""People: what they can do, which work is offered to them, and how they stand."""
