"""What pages and API show, as structs from plain functions, so that the two cannot differ."""
