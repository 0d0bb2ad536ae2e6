"""Migrations of a lab's database."""
