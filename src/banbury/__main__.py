"""`python -m banbury`."""

from banbury.cli import main

main()
