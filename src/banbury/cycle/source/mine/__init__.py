"""Mine: from a git repository to verified tasks, with a reason for every candidate."""
