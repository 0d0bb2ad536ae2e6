"""girth: two-parameter logistic items by marginal maximum likelihood, from a table of answers."""

import json
import sys
import time
from pathlib import Path

import numpy as np
from girth import twopl_mml

answers = np.load(Path(sys.argv[1]) / "answers.npy").T  # girth wants (items, people)
begun = time.process_time()
found = twopl_mml(answers)
spent = time.process_time() - begun
print(
    json.dumps(
        {
            "a": found["Discrimination"].tolist(),
            "b": found["Difficulty"].tolist(),
            "s": [spent],
        }
    )
)
