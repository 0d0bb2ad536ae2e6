"""The kinds of task at the desk, one module for each area."""
