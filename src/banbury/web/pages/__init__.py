"""Pages: GET only, made on the server from what `views` returns; each module is found by name."""
