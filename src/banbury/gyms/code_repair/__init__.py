"""Real bugs in real code, repaired in a box and judged by the project's own tests."""
