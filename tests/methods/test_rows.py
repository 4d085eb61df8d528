from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from tb_attribution_plugin.methods import rows

SIZES = [(1, 1), (7, 7), (7, 3), (7, 2), (8, 3), (10, 4), (5, 100), (9, 1)]


class Counted:
    """Evaluates row r as r^2, and counts the rows outside of a graph."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def __call__(self, index: tf.Tensor) -> dict[str, tf.Tensor]:
        self.sizes.append(int(index.shape[0]))
        value = tf.cast(index, tf.float32)
        return {"square": value**2, "pair": tf.stack([value, -value], 1)}


@pytest.mark.parametrize(("count", "batch_size"), SIZES)
def test_mapped_is_the_direct_evaluation(count: int, batch_size: int) -> None:
    evaluate = Counted()
    found = rows.mapped(evaluate, count, batch_size)
    np.testing.assert_array_equal(found["square"], np.arange(count) ** 2)
    np.testing.assert_array_equal(found["pair"], np.stack([np.arange(count), -np.arange(count)], 1))
    chunks = -(-count // batch_size)
    assert len(evaluate.sizes) == chunks
    assert len(set(evaluate.sizes)) == 1
    assert max(evaluate.sizes) <= batch_size
    assert count <= sum(evaluate.sizes) <= count + chunks - 1


@pytest.mark.parametrize(("count", "batch_size"), SIZES)
def test_summed_adds_each_row_once_to_its_group(count: int, batch_size: int) -> None:
    evaluate = Counted()
    group = np.arange(count) % 3
    found = rows.summed(evaluate, tf.constant(group), 3, batch_size)
    expected = [sum(r**2 for r in range(count) if r % 3 == g) for g in range(3)]
    np.testing.assert_allclose(found["square"], expected)
    assert found["pair"].shape == (3, 2)
    np.testing.assert_allclose(found["pair"][:, 0], -found["pair"][:, 1])
    assert sum(evaluate.sizes) <= count + -(-count // batch_size) - 1


def graph_of(function: Any) -> Any:
    return tf.function(function, autograph=False).get_concrete_function()


@pytest.mark.parametrize("way", ["mapped", "summed"])
def test_one_chunk_is_traced_without_a_loop_and_many_with_one(way: str) -> None:
    def run(count: int, batch_size: int) -> tuple[set[str], list[int]]:
        evaluate = Counted()
        if way == "mapped":
            graph = graph_of(lambda: rows.mapped(evaluate, count, batch_size))
        else:
            graph = graph_of(lambda: rows.summed(evaluate, tf.zeros(count, tf.int32), 1, batch_size))
        return {op.type for op in graph.graph.get_operations()}, evaluate.sizes

    types, sizes = run(6, 6)
    assert not types & {"While", "StatelessWhile"}
    assert sizes == [6]
    types, sizes = run(600, 6)
    assert types & {"While", "StatelessWhile"}
    # Traced for the first chunk and for the body, not once per chunk.
    assert sizes == [6, 6]


def test_the_graph_equals_the_eager_result() -> None:
    group = tf.constant([0, 1, 1, 0, 2, 2, 0])
    graph = graph_of(lambda: rows.summed(Counted(), group, 4, 3))()
    np.testing.assert_allclose(graph["square"], [0 + 9 + 36, 1 + 4, 16 + 25, 0])
    np.testing.assert_allclose(graph_of(lambda: rows.mapped(Counted(), 7, 3))()["square"], np.arange(7) ** 2)


def test_sums_hold_one_chunk_and_the_total_whatever_the_number_of_rows() -> None:
    """No tensor in the loop grows with the number of rows."""
    count = 1000
    graph = graph_of(lambda: rows.summed(Counted(), tf.range(count) % 2, 2, 5))
    loops = [op for op in graph.graph.get_operations() if op.type in ("While", "StatelessWhile")]
    assert len(loops) == 1
    carried = [tensor.shape for tensor in loops[0].outputs if tensor.dtype == tf.float32]
    assert sorted(shape.as_list() for shape in carried) == [[2], [2, 2]]


def test_gather_takes_rows_of_every_tensor() -> None:
    found = rows.gather({"a": tf.constant([1, 2, 3]), "b": tf.constant([[1.0], [2.0], [3.0]])}, tf.constant([2, 0, 2]))
    np.testing.assert_array_equal(found["a"], [3, 1, 3])
    np.testing.assert_array_equal(found["b"], [[3], [1], [3]])


@pytest.mark.parametrize("batch_size", [1, 2, 3, 4, 5, 8, 11, 12, 100])
@pytest.mark.parametrize("in_graph", [False, True])
def test_summed_changes_sees_each_pair_of_neighbours_once(batch_size: int, in_graph: bool) -> None:
    """Three sequences of four points p, of values p^2 times 1, 10 and 100; the first and the last share a group."""
    scale = tf.constant([1.0, 10.0, 100.0])

    def evaluate(row: tf.Tensor) -> tf.Tensor:
        return tf.cast(row // 3, tf.float32) ** 2 * tf.gather(scale, row % 3)

    def summed() -> tf.Tensor:
        return rows.summed_changes(
            evaluate, lambda before, after: after * (after - before), tf.constant([0, 1, 0]), 4, 2, batch_size
        )

    one = 1 * (1 - 0) + 4 * (4 - 1) + 9 * (9 - 4)
    found = (tf.function(summed) if in_graph else summed)()
    np.testing.assert_allclose(found, [one * (1 + 100**2), one * 10**2])
