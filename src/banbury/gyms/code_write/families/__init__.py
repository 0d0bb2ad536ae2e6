"""The domains: what functions are about."""
