"""SmoothGrad, SquareGrad and VarGrad against closed forms; their standard errors against the truth."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

import tb_attribution_plugin as tba
from tb_attribution_plugin.methods import Saliency, SmoothGrad, contract
from tests.methods import models


def explain(function: Any, x: Any, **fields: Any) -> tba.Attribution:
    found = SmoothGrad(**fields)(contract.from_function(function), tf.constant(x, tf.float32))
    return tf.nest.map_structure(np.asarray, found)


def half_square(x: tf.Tensor) -> tf.Tensor:
    """Its gradient is x, so that scores are what the noise makes of x."""
    return tf.reduce_sum(x**2, 1) / 2


@pytest.mark.parametrize(("reduce", "score", "error"), [("mean", 6, 6), ("square", 72, 72), ("variance", 36, 0)])
def test_two_samples_of_a_cubic_by_hand(reduce: str, score: float, error: float) -> None:
    # 3 (1 + 1)^2 = 12 and 3 (1 - 1)^2 = 0. The halves have one sample each: 12 and 0, 144 and 0, no variance.
    found = explain(lambda x: tf.reduce_sum(x**3, 1), [[1.0]], noise=np.array([[1.0], [-1.0]]), reduce=reduce)
    np.testing.assert_allclose(found.scores, [[score]], rtol=1e-6)
    np.testing.assert_allclose(found.errors, [[error]], rtol=1e-6)
    np.testing.assert_allclose(found.residual, [error], rtol=1e-6)
    np.testing.assert_allclose(found.outputs, [1])
    np.testing.assert_allclose(found.evaluations, [3])


def test_without_noise_it_is_the_gradient() -> None:
    case = models.case("functional_cnn")
    plain = tba.explain(case.model, case.inputs, Saliency(), case.labels)
    found = tba.explain(case.model, case.inputs, SmoothGrad(samples=3, noise=0), case.labels)
    np.testing.assert_allclose(found.scores, plain.scores, atol=1e-6)
    np.testing.assert_allclose(found.residual, 0, atol=1e-5)


@pytest.mark.parametrize("reduce", ["mean", "square", "variance"])
def test_a_linear_model_has_one_gradient(reduce: str) -> None:
    weights = np.array([2.0, -3.0, 0.1], np.float32)
    found = explain(lambda x: tf.linalg.matvec(x, weights), [[3.0, 1.0, 4.0]], reduce=reduce)
    expected = {"mean": weights, "square": weights**2, "variance": np.zeros(3)}[reduce]
    np.testing.assert_allclose(found.scores, [expected], rtol=1e-6, atol=0)
    np.testing.assert_array_equal(found.errors, np.zeros((1, 3)))


def test_the_noise_is_a_fraction_of_the_range_of_each_example() -> None:
    x = np.stack([np.linspace(-1, 3, 20_000), np.linspace(0, 255, 20_000), np.full(20_000, 7.0)])
    found = explain(half_square, x, samples=1, noise=0.25)
    noise = found.scores - x
    np.testing.assert_allclose(noise.std(1), [1.0, 63.75, 0], rtol=0.03)  # 6 standard errors of a deviation
    np.testing.assert_allclose(noise[1] / 63.75, noise[0], atol=1e-4)
    assert not np.array_equal(explain(half_square, x, samples=1, noise=0.25, seed=1).scores[:2], found.scores[:2])


@pytest.mark.parametrize("samples", [8, 9])
@pytest.mark.parametrize("reduce", ["mean", "square", "variance"])
def test_the_standard_error_is_what_other_seeds_differ_by(reduce: str, samples: int) -> None:
    x = np.linspace(-1, 1, 4000)[None]  # 4,000 features that do not know of each other
    found = [explain(half_square, x, samples=samples, noise=0.5, reduce=reduce, seed=seed) for seed in (0, 1)]
    # Two results differ by the square root of 2 times the standard error. Both have some 2% of uncertainty here,
    # and a variance within 4 samples is a little more than twice as uncertain as one within 8.
    differ = np.sqrt(np.mean((found[0].scores - found[1].scores) ** 2) / 2)
    said = np.sqrt(np.mean(found[0].errors ** 2))
    np.testing.assert_allclose(said, differ, rtol=0.1)
    np.testing.assert_allclose(found[0].residual, [found[0].errors.sum()], rtol=1e-5)


def test_one_sample_tells_nothing_of_its_error() -> None:
    assert np.isnan(explain(half_square, [[1.0, 2.0]], samples=1).residual).all()


def test_each_input_has_noise_of_its_own() -> None:
    def both(inputs: dict[str, tf.Tensor]) -> tf.Tensor:
        return half_square(inputs["a"]) + half_square(inputs["b"])

    x = {name: tf.constant([[0.0, 1.0]]) for name in "ab"}
    found = SmoothGrad(samples=1)(contract.from_function(both), x)
    assert not np.array_equal(found.scores["a"], found.scores["b"])
    fixed = {"a": np.ones((2, 2)), "b": np.zeros((2, 2))}
    found = SmoothGrad(noise=fixed)(contract.from_function(both), x)
    np.testing.assert_allclose(found.scores["a"], [[1, 2]])
    np.testing.assert_allclose(found.scores["b"], [[0, 1]])


def test_token_scores_are_sums_over_the_embedding() -> None:
    case = models.case("tokens")
    found = tba.explain(case.model, case.inputs, SmoothGrad(samples=4, reduce="variance"), 1)
    assert found.scores.shape == found.errors.shape == case.inputs.shape
    assert np.all(found.scores[case.inputs == 0] == 0)  # masked


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"samples": 0}, "samples must be a whole number above 0; got 0"),
        ({"samples": 2.5}, "samples must be a whole number above 0; got 2.5"),
        ({"noise": -0.1}, "noise must be a number, at least 0.*got -0.1"),
        ({"noise": np.nan}, "noise must be a number, at least 0.*got nan"),
        ({"noise": np.zeros(3)}, r"noise must be a number.*array \[samples, ...\]"),
        ({"noise": "loud"}, "noise must be a number.*got 'loud'"),
        ({"noise": np.zeros((0, 3))}, r"at least 1; it holds \[0\]"),
        ({"noise": {"a": np.zeros((2, 3)), "b": np.zeros((4, 3))}}, r"one number of samples.*\[2, 4\]"),
        ({"noise": np.full((2, 3), np.inf)}, "noise holds values that are not finite"),
        ({"reduce": "max"}, "reduce must be one of mean, square, variance; got 'max'"),
        ({"seed": -1}, "seed must be a whole number from 0 to .*got -1"),
        ({"seed": 0.5}, "seed must be a whole number.*got 0.5"),
    ],
)
def test_wrong_fields_are_refused_when_they_are_written(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        SmoothGrad(**fields)


def test_fixed_noise_must_fit_the_inputs() -> None:
    with pytest.raises(ValueError, match=r"noise must have the shape of the inputs .* \[\(2,\)\]; got \[\(3,\)\]"):
        explain(half_square, [[1.0, 2.0]], noise=np.zeros((4, 3)))
