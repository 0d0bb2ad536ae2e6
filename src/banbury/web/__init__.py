"""The workbench: HTTP API, pages, static files; no build step."""
