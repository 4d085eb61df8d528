"""Columns of the stats tensor, by hand."""

from __future__ import annotations

import numpy as np

from tb_attribution_plugin.logging import statistics
from tb_attribution_plugin.wire import attribution_pb2 as pb
from tb_attribution_plugin.wire.extents import extents


def test_sums_and_percentiles_of_cells():
    cells = np.array([[1.0, -2.0, 0.5, 0.0]], np.float32)
    found = statistics.of_cells(cells, extents(cells))
    assert found[pb.STAT_SUM][0] == -0.5
    assert found[pb.STAT_SUM_ABS][0] == 3.5
    assert found[pb.STAT_PEAK][0] == 2.0
    assert found[pb.STAT_NONFINITE][0] == 0
    # |a| sorted: 0, .5, 1, 2; the 99th percentile lies .97 of the way from 1 to 2.
    np.testing.assert_allclose(found[pb.STAT_P99], [1.97])


def test_cells_that_are_not_finite_are_counted_and_left_out():
    cells = np.array([[np.nan, np.inf, 3.0, -1.0], [np.nan] * 4], np.float32)
    found = statistics.of_cells(cells, extents(cells))
    np.testing.assert_array_equal(found[pb.STAT_NONFINITE], [2, 4])
    np.testing.assert_array_equal(found[pb.STAT_SUM], [2, 0])
    np.testing.assert_array_equal(found[pb.STAT_SUM_ABS], [4, 0])
    np.testing.assert_allclose(found[pb.STAT_P99], [2.98, np.nan])


def test_predictions_from_probabilities():
    outputs = np.array([[0.2, 0.8], [0.6, 0.4], [np.nan, 0.5]])
    found = statistics.of_outputs(outputs, np.array([0.0, 0.0, 1.0]))
    np.testing.assert_array_equal(found[pb.STAT_PREDICTION], [1, 0, np.nan])
    np.testing.assert_array_equal(found[pb.STAT_PREDICTION_PROBABILITY], [0.8, 0.6, np.nan])
    np.testing.assert_array_equal(found[pb.STAT_TARGET], [0, 0, 1])
    np.testing.assert_array_equal(found[pb.STAT_TARGET_PROBABILITY], [0.2, 0.6, np.nan])


def test_a_target_that_is_no_column_has_no_probability():
    found = statistics.of_outputs(np.array([[0.2, 0.8]] * 3), np.array([2.0, -1.0, np.nan]))
    assert np.isnan(found[pb.STAT_TARGET_PROBABILITY]).all()


def test_predicted_values_have_no_probability():
    found = statistics.of_outputs(np.array([3.5, -1.0]), None)
    assert list(found) == [pb.STAT_PREDICTION]
    assert found[pb.STAT_PREDICTION].tolist() == [3.5, -1.0]


def test_the_table_has_every_column_once_and_nan_for_what_is_missing():
    table = statistics.table(2, {pb.STAT_SUM: np.array([1.0, 2.0])})
    assert table.shape == (2, 14)
    assert table.dtype == np.float32
    assert len(set(statistics.COLUMNS)) == 14 <= 16
    column = statistics.COLUMNS.index(pb.STAT_SUM)
    assert table[:, column].tolist() == [1, 2]
    assert np.isnan(np.delete(table, column, axis=1)).all()


def test_every_column_of_the_contract_is_written():
    assert set(statistics.COLUMNS) == set(pb.StatColumn.values()) - {pb.STAT_UNKNOWN}
