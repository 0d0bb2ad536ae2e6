"""What is believed of a skill and why: interview, work, reviews; what predicts; who is treated how.

Nothing here reads the store. Whoever does hands over plain values and keeps what comes back.
"""
