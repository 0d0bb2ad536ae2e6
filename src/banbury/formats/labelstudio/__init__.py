"""Label Studio: its labelling configuration (XML) and its tasks with annotations (JSON)."""

from banbury.formats.labelstudio.config import Config, Object, Tag, read_config, write_config
from banbury.formats.labelstudio.tasks import Annotation, LabelTask, Prediction, Region

__all__ = [
    "Annotation",
    "Config",
    "LabelTask",
    "Object",
    "Prediction",
    "Region",
    "Tag",
    "read_config",
    "write_config",
]
