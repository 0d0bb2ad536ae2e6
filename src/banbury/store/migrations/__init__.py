"""Migrations: branch `house` and branch `lab`, from the first table on.

A new one is a file beside the last of its branch, with `down_revision` set to that one's revision;
`house_tables.py` or `lab_tables.py` then changes in the same commit. All that are missing run
within one transaction, so a broken one leaves nothing behind.
"""
