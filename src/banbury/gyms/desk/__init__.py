"""A small simulated office with tools: mailbox, calendar, files, contacts."""
