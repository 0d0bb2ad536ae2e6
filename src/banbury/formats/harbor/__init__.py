"""Harbor: one folder for each task, with its environment, its tests and its solution.

Source: https://harborframework.com/docs/tasks (task.toml schema 1.4). Older spellings (`version`,
`memory`, `storage`, `allow_internet`) are read; 1.4 is written.
"""

from banbury.formats.harbor.config import Config, read_config, write_config
from banbury.formats.harbor.folder import HarborTask, read_task, reward, write_task

__all__ = [
    "Config",
    "HarborTask",
    "read_config",
    "read_task",
    "reward",
    "write_config",
    "write_task",
]
