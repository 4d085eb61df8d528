"""A test run shows results, not start-up notices, and does not pay again and again for what is there to stay."""

from __future__ import annotations

import gc
import os

# Before anything imports TensorFlow.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")


def pytest_collection_finish() -> None:
    """Imported modules, a million objects, never become garbage; Keras looks for some whenever it clears a session."""
    gc.collect()
    gc.freeze()
