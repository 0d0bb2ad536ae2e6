"""Film of handwork from head cameras: read, synchronized, checked, counted in good hours."""
