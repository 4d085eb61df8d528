from __future__ import annotations

import sys
from pathlib import Path

DEMO = Path(__file__).resolve().parents[2] / "demo"

# The demo's scripts import each other as they do for a user who runs them.
sys.path.insert(0, str(DEMO))
