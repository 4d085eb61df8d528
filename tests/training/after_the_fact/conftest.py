"""Fixtures of checkpoints."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.training import fits
from tests.training.after_the_fact.trained import METHODS, PROBE, Saves


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fit of four epochs of ten batches: `live` is what the callback logged, `ckpt` what was saved."""
    root = tmp_path_factory.mktemp("trained")
    (root / "ckpt").mkdir()
    model = fits.mlp()
    model.save(root / "model.keras")
    fits.fit(
        model,
        fits.callback(root / "live", PROBE, methods=METHODS, max_overhead=None),
        Saves(root / "ckpt"),
        epochs=4,
    )
    return root
