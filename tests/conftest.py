"""Set before anything imports TensorFlow: a test run shows results, not start-up notices."""

from __future__ import annotations

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
