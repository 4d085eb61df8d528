"""Logs that somebody has tampered with: whatever is left of them is exported, and nothing else happens."""

from __future__ import annotations

from pathlib import Path

import pytest

from tb_attribution_plugin.cli.main import main
from tests.golden.event_mutants import event_mutants

NUMBER = 40


@pytest.mark.filterwarnings("error")
def test_every_mutant_is_exported_or_refused(tmp_path: Path):
    (tmp_path / "runs" / "r").mkdir(parents=True)
    file = tmp_path / "runs" / "r" / "events.out.tfevents.1.x"
    codes = []
    for mutant in event_mutants(NUMBER):
        file.write_bytes(mutant)
        for kind in ("png", "npz"):
            codes.append(main(["export", str(tmp_path / "runs"), "--out", str(tmp_path / f"x.{kind}")]))
    assert set(codes) <= {0, 1, 2}
    assert codes.count(2) < NUMBER  # most of them still hold maps
