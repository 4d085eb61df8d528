"""A torch loop with Captum and the same training in Keras, then their maps as JSON.

`torch_beside_keras.py LOGDIR` prints {run: {step: maps [4, 16, 16] of input_x_gradient}}.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")

from tb_attribution_plugin.logging.reader import read_runs
from tests.integrations.side_by_side import train_both


def main(logdir: str) -> None:
    train_both(Path(logdir))
    series = {name: run.series["input_x_gradient"] for name, run in read_runs(logdir).items()}
    print()
    print(json.dumps({name: {s: one.maps(s).scores[0].tolist() for s in one.steps} for name, one in series.items()}))


if __name__ == "__main__":
    main(sys.argv[1])
