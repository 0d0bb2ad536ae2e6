"""Exact duplicates, near duplicates, and overlap with texts that must stay unseen."""
