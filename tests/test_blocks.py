"""Rows in portions."""

from __future__ import annotations

import numpy as np
import pytest

from tb_attribution_plugin.blocks import blocks


@pytest.mark.parametrize(
    ("rows", "cells", "portions"),
    [(16, 112 * 112, [5, 5, 5, 1]), (3, 1 << 20, [1, 1, 1]), (5, 0, [5]), (100_000, 1, [65536, 34464]), (0, 9, [])],
)
def test_every_row_is_in_one_block(rows: int, cells: int, portions: list[int]) -> None:
    found = [np.arange(rows)[some] for some in blocks(rows, cells)]
    assert [row for one in found for row in one] == list(range(rows))
    assert [len(one) for one in found] == portions
