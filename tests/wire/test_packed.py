from __future__ import annotations

import numpy as np
import pytest

from tb_attribution_plugin.wire import attribution_pb2 as pb
from tb_attribution_plugin.wire import packed


@pytest.mark.parametrize("count", [0, 1, 31, 32, 5000])  # a length of 1, 2 and 3 bytes
def test_what_is_appended_is_what_a_list_would_be(count: int) -> None:
    values = np.random.default_rng(0).normal(size=count).astype(np.float32)
    one, other = pb.Stats(values=[1.5], examples=3), pb.Stats(values=[1.5], examples=3)
    packed.extend(one, "values", values)
    other.values.extend(values.tolist())
    assert one.SerializeToString() == other.SerializeToString()


def test_rows_lie_one_behind_the_other_whatever_the_array_looks_like_in_memory() -> None:
    stats = pb.Stats()
    packed.extend(stats, "histogram", np.arange(6, dtype=np.float32).reshape(3, 2).T)
    assert list(stats.histogram) == [0, 2, 4, 1, 3, 5]
