"""The stages of the loop. They meet only in the store."""
