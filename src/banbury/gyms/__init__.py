"""Kinds of work. One folder per gym, each complete in itself."""
