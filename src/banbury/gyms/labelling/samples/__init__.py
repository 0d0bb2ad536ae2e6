"""Sample items whose truth is known, since they are made from it."""
