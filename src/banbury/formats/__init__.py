"""Readers and writers of other people's formats, one file (or folder) each."""
