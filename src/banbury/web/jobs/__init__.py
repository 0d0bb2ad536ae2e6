"""Stages of the loop as jobs: their forms, the worker that runs them, what pages hear of it."""
