"""Fixtures of fits."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tensorflow.python.framework import config


@pytest.fixture
def deterministic() -> Iterator[None]:
    config.enable_op_determinism()
    yield
    config.disable_op_determinism()
