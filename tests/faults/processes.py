"""Programs that run alone, in a process whose limits, signals and streams are theirs to spoil."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
_HEAD = "import os, sys, warnings\nfrom tests.faults import logs\n"


def alone(program: str, *arguments: object, flags: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    """Runs a program with `os`, `sys`, `warnings` and `logs` at hand; asserts nothing."""
    return subprocess.run(
        [sys.executable, *flags, "-c", _HEAD + program, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])},
        timeout=120,
    )
