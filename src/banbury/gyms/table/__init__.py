"""A gym without Python: a table of tasks and a `gym.toml`, in one folder."""
