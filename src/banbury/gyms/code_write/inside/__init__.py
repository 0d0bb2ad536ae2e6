"""What runs inside the box; it imports nothing but the standard library and itself."""
