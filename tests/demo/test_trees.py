"""The demo of trees as a user runs it: the leak shows in the log, and on the day of use."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tb_attribution_plugin.logging.reader import read_runs
from tests.demo.conftest import DEMO

pytestmark = pytest.mark.once


def test_the_curve_of_the_leak_tells_from_the_first_tree_on_what_held_out_rows_do_not(tmp_path: Path):
    command = [sys.executable, str(DEMO / "trees.py"), "--logdir", str(tmp_path)]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    runs = read_runs(str(tmp_path))
    leaked, clean = (
        [point.value for point in runs[f"{name}/attribution"].scalars["region/tree_shap/leak"]]
        for name in ("leaked", "clean")
    )
    assert len(leaked) == len(clean) == 7  # rounds 1, 2, 4 ... 64
    assert min(leaked) > 0.1
    assert max(clean) < 0.02
    (held_out, of_use), (clean_held_out, clean_of_use) = (
        [float(value) for value in re.search(rf"{name}: ([\d.]+)% .* ([\d.]+)%", printed).groups()]
        for name in ("leaked", "clean")
    )
    assert held_out < clean_held_out  # the leak looks like skill
    assert of_use > clean_of_use
