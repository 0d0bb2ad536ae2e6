"""The command line: one file per verb, in the loop's order."""


def main() -> None:
    """Run the command line."""
    raise SystemExit("not yet")
