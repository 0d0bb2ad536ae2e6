"""Head-camera footage: scenes that people film, and pairs of views that they confirm."""
