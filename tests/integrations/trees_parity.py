"""Numbers of XGBoost, LightGBM and shap on the boosters of tests/parity."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

CASES = Path(__file__).resolve().parents[1] / "parity"


class Case:
    """One booster, its rows and what the reference libraries say of them."""

    def __init__(self, name: str) -> None:
        self.path = CASES / name
        self.expected = dict(np.load(self.path / "expected.npz"))
        self.about = json.loads((self.path / "expected.json").read_text())
        data = np.load(self.path / "data.npz")
        self.x, self.background = data["x"], data["background"]

    def compare(self, found: np.ndarray, key: str) -> None:
        tolerance = self.about["keys"][key]
        np.testing.assert_allclose(found, self.expected[key], rtol=tolerance["rtol"], atol=tolerance["atol"])
