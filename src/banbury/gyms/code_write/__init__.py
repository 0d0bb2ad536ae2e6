"""Functions written to a specification and judged by hidden cases in a sandbox."""
