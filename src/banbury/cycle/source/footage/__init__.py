"""Footage: from what wearers handed in to synchronized, checked and confirmed hours."""
