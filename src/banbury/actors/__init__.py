"""Who acts: model endpoint, local checkpoint, script. A policy sits down; a session acts."""
