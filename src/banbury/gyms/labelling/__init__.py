"""Labelling of text, images, sound and video, by people and by models."""
