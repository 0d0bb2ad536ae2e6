"""Train: one adapter per gap, the base untouched, and a router that picks among them."""
