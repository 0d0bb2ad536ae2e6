"""What runs inside the box: it starts the tests and tells how each came out.

Only the standard library, for every Python from 3.7 on: it is mounted read-only beside projects of
any age.
"""
