"""Migrations of a house's database."""
