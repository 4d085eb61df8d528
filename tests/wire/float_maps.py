"""Maps of every kind that a float32 can hold."""

from __future__ import annotations

import numpy as np

HUGE = np.finfo(np.float32).max


def maps() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(7)
    normal = rng.normal(size=900)
    found = {
        "normal": normal,
        "heavy tail": normal**7,
        "one peak": np.where(np.arange(900) == 400, 50.0, normal * 1e-3),
        "sparse": np.where(rng.random(900) < 0.005, normal, 0.0),
        "one value": np.where(np.arange(900) == 3, -2.0, 0.0),
        "constant": np.full(900, -0.3),
        "two levels": np.where(np.arange(900) % 2, 1.0, -1.0),
        "denormal": rng.integers(-5, 6, 900) * 1e-45,
        "denormal and one": np.where(np.arange(900) == 5, 1.0, rng.integers(-5, 6, 900) * 1e-45),
        "whole range": np.geomspace(1e-38, 1e38, 900) * np.where(np.arange(900) % 3, 1, -1),
        "largest": np.where(np.arange(900) % 2, float(HUGE), -float(HUGE)),
        "not finite": np.where(np.arange(900) % 7 == 0, np.nan, np.where(np.arange(900) % 11 == 0, np.inf, normal)),
        "few cells": np.array([3.0, -1e-3]),
        "one cell": np.array([-7.5]),
    }
    return {name: array.astype(np.float32) for name, array in found.items()}
