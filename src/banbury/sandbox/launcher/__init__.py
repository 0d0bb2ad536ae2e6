"""The process that makes boxes: started once, with the standard library alone.

It runs as `python -I -S`, apart from Banbury's own threads and memory, because only a process of
one thread may enter a user namespace. It forks one small process for each box.
"""
