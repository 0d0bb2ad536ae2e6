"""JSON under `/api`: everything that the pages do; each module is found by its name."""
