"""Cosines that can be worked out on paper."""

from __future__ import annotations

import numpy as np
import pytest

from tb_attribution_plugin.evaluation.similarity import centred_cosine, cosine, drift


def test_cosine_of_a_right_angle_and_of_sixty_degrees():
    a = np.array([[1.0, 0.0], [1.0, 0.0]])
    b = np.array([[0.0, 5.0], [1.0, np.sqrt(3)]])
    np.testing.assert_allclose(cosine(a, b), [0.0, 0.5], atol=1e-15)


def test_cosine_ignores_scale_and_sees_sign():
    a = np.sin(np.arange(24.0)).reshape(2, 3, 4)
    np.testing.assert_allclose(cosine(a, 1e-30 * a), [1, 1])
    np.testing.assert_allclose(cosine(1e30 * a, -a), [-1, -1])


def test_centred_cosine_is_pearsons_correlation():
    a, b = np.sin(np.arange(50.0)), np.abs(np.cos(np.arange(50.0)))
    np.testing.assert_allclose(centred_cosine(a[None], b[None]), [np.corrcoef(a, b)[0, 1]], atol=1e-12)


def test_unrelated_positive_maps_are_alike_only_without_centring():
    a = np.array([[1.0, 0.0, 1.0, 0.0]])
    b = np.array([[1.0, 1.0, 0.0, 0.0]])
    np.testing.assert_allclose(cosine(a, b), [0.5])
    np.testing.assert_allclose(centred_cosine(a, b), [0.0], atol=1e-15)


@pytest.mark.parametrize("row", [[0.0, 0.0], [np.nan, 1.0], [np.inf, 1.0]])
def test_maps_without_a_direction_have_no_cosine(row):
    assert np.isnan(cosine([row], [[1.0, 2.0]]))[0]


def test_a_constant_map_has_no_centred_cosine():
    assert np.isnan(centred_cosine(np.full((1, 9), 0.1), np.arange(9.0)[None]))[0]


def test_drift_is_one_minus_the_cosine_to_the_previous_map():
    a, b = np.array([[1.0, 0.0, 1.0, 0.0]]), np.array([[1.0, 1.0, 0.0, 0.0]])
    np.testing.assert_allclose(drift(a, b, signed=True), [0.5])
    np.testing.assert_allclose(drift(a, b, signed=False), [1.0])
    np.testing.assert_allclose(drift(a, -a, signed=True), [2.0])


def test_the_first_step_has_no_drift():
    np.testing.assert_array_equal(drift(np.ones((3, 4)), None, signed=True), [np.nan] * 3)


def test_maps_of_two_grids_are_refused():
    with pytest.raises(ValueError, match="need one grid"):
        cosine(np.ones((1, 3)), np.ones((1, 4)))
