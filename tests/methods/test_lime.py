"""LIME against linear functions, scikit-learn's closed form and the package lime."""

from __future__ import annotations

import functools
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

import tb_attribution_plugin as tba
from tb_attribution_plugin.methods import LIME, contract, resolution
from tb_attribution_plugin.methods.perturbations import Bins, Gaussian, OnOff
from tests.methods import models, test_contract, test_parity

pytestmark = pytest.mark.once

X = np.random.default_rng(4).normal(size=(3, 6)).astype(np.float32)
WEIGHTS = np.array([2.0, -1.0, 0.5, 0.0, 3.0, 1.0], np.float32)


def linear(x: tf.Tensor) -> tf.Tensor:
    return tf.linalg.matvec(x, WEIGHTS) + 5


def bent(x: tf.Tensor) -> tf.Tensor:
    return tf.tanh(tf.linalg.matvec(x, WEIGHTS)) + x[:, 0] * x[:, 1]


def explain(function: Any, x: Any = X, **fields: Any) -> tba.Attribution:
    found = LIME(**fields)(contract.from_function(function), tf.constant(x, tf.float32))
    return tf.nest.map_structure(lambda tensor: None if tensor is None else np.asarray(tensor), found)


def fitted(z: np.ndarray, values: np.ndarray, weights: np.ndarray, ridge: float) -> tuple[np.ndarray, float]:
    """Coefficients and 1 - R^2 by the normal equations of the augmented rows (z, 1), the 1 not penalised."""
    rows = np.concatenate([z, np.ones((len(z), 1))], 1)
    penalty = np.diag([ridge] * z.shape[1] + [0.0])
    found = np.linalg.solve(rows.T @ (weights[:, None] * rows) + penalty, rows.T @ (weights * values))
    mean = np.average(values, weights=weights)
    left = np.average((values - rows @ found) ** 2, weights=weights)
    return found[:-1], left / np.average((values - mean) ** 2, weights=weights)


@pytest.mark.parametrize("samples", [1000, 40])  # all 64 coalitions, or some
def test_a_linear_function_of_switches_has_its_coefficients(samples: int) -> None:
    found = explain(linear, perturbation=OnOff(baseline=1.0), ridge=0, samples=samples)
    np.testing.assert_allclose(found.segment_scores, WEIGHTS * (X - 1), atol=1e-5)
    np.testing.assert_allclose(found.residual, 0, atol=1e-9)
    np.testing.assert_allclose(found.baseline_outputs, linear(np.ones((3, 6), np.float32)), rtol=1e-6)
    np.testing.assert_array_equal(found.evaluations, min(64, samples))


def test_many_segments_are_switched_one_by_one_too() -> None:
    x = np.random.default_rng(5).normal(size=(2, 40)).astype(np.float32)
    found = explain(lambda x: tf.reduce_sum(x, 1), x, perturbation=OnOff(baseline=0.0), ridge=0, samples=200)
    np.testing.assert_allclose(found.segment_scores, x, atol=1e-5)


def test_the_penalty_halves_a_coefficient_that_weighs_as_much() -> None:
    # Of two switches with weights w by coalition, the weighted variance of each is what ridge adds to.
    x = np.ones((1, 2), np.float32)
    free = explain(lambda x: x[:, 0] - x[:, 1], x, perturbation=OnOff(baseline=0.0), ridge=0)
    weights = np.exp(-((1 - np.sqrt(np.array([0, 1, 1, 2]) / 2)) ** 2) / (2 * 0.25**2))
    # Of z1 - z2, which is 1 and -1 on the two coalitions of one: sum w d^2 = (2 w) and b = d / 2.
    spread = 2 * weights[1]
    penalised = explain(lambda x: x[:, 0] - x[:, 1], x, perturbation=OnOff(baseline=0.0), ridge=spread / 2)
    np.testing.assert_allclose(free.scores, [[1, -1]], atol=1e-6)
    np.testing.assert_allclose(penalised.scores, [[0.5, -0.5]], atol=1e-6)


@pytest.mark.parametrize(("width", "ridge"), [(None, 1.0), (0.7, 0.1)])
def test_all_coalitions_once_are_the_closed_form(width: float | None, ridge: float) -> None:
    found = explain(bent, perturbation=OnOff(baseline=0.0), kernel_width=width, ridge=ridge)
    z = (np.arange(64)[:, None] >> np.arange(6)) % 2
    distances = 1 - np.sqrt(z.sum(1) / 6)
    weights = np.sqrt(np.exp(-(distances**2) / (width or 0.25) ** 2))
    for row, scores, residual in zip(X, found.scores, found.residual, strict=True):
        expected, left = fitted(z, np.asarray(bent(tf.constant(z * row, tf.float32)), float), weights, ridge)
        np.testing.assert_allclose(scores, expected, atol=1e-5)
        np.testing.assert_allclose(residual, left, atol=1e-5)


def test_a_feature_has_its_share_of_the_segment() -> None:
    ids = np.array([[0, 0, 0, 2, 2, 2]])
    found = explain(linear, segments=ids, perturbation=OnOff(baseline=0.0), ridge=0)
    sums = np.stack([(WEIGHTS * X)[:, :3].sum(1), (WEIGHTS * X)[:, 3:].sum(1)], 1)
    np.testing.assert_allclose(found.segment_scores[:, [0, 2]], sums, atol=1e-5)
    assert np.isnan(found.segment_scores[:, 1]).all()
    np.testing.assert_allclose(found.scores, np.repeat(sums / 3, 3, 1), atol=1e-5)


def test_a_table_has_weights_by_standard_deviation() -> None:
    scale = np.array([1.0, 2.0, 0.5, 1.0, 10.0, 3.0])
    found = explain(linear, perturbation=Gaussian(mean=np.zeros(6), scale=scale), ridge=0)
    np.testing.assert_allclose(found.scores, np.tile(WEIGHTS * scale, (3, 1)), atol=1e-4)
    np.testing.assert_allclose(found.residual, 0, atol=1e-9)
    assert found.segment_scores is None


def test_a_table_takes_the_background_and_gives_a_constant_column_scale_1() -> None:
    rows = np.random.default_rng(6).normal(3, 2, (20, 6)).astype(np.float32)
    rows[:, 4] = 7
    model = contract.from_function(linear)
    method = resolution.resolved(LIME(ridge=0), model, tf.constant(X), tf.constant(rows))
    deviations = rows.std(0)
    deviations[4] = 1
    np.testing.assert_allclose(method(model, tf.constant(X)).scores[0], WEIGHTS * deviations, atol=1e-4)
    assert repr(method.perturbation) == "Gaussian, mean and scale of 20 background rows"


@pytest.mark.parametrize("columns", [None, np.arange(6)[None]])
def test_a_table_is_perturbed_by_value_unless_segments_join_columns(columns: Any) -> None:
    model, x = contract.from_function(linear), tf.constant(X)
    by_column = resolution.resolved(LIME(), model, x, segments=columns)
    joined = resolution.resolved(LIME(), model, x, segments=np.array([[0, 0, 1, 1, 2, 2]]))
    assert repr(by_column.perturbation) == "Gaussian, mean and scale of 3 of the probe's own rows"
    assert isinstance(joined.perturbation, OnOff)
    assert isinstance(resolution.resolved(LIME(segments=np.arange(6)[None]), model, x).perturbation, OnOff)


def test_being_in_the_own_bin_of_a_step() -> None:
    # f is 1 in the upper half of the first column, whatever the others are: of four bins two are above.
    train = np.random.default_rng(7).normal(size=(400, 2)).astype(np.float32)
    middle = np.median(train[:, 0])
    x = np.array([[3.0, 0.0]], np.float32)
    found = explain(
        lambda x: tf.cast(x[:, 0] > middle, tf.float32), x, perturbation=Bins(train=train), ridge=0, samples=4000
    )
    # In the own bin 1, else a third of the mass: 1 - 1/3; 5 standard errors of a mean of ~3000 are 0.045.
    np.testing.assert_allclose(found.scores, [[2 / 3, 0]], atol=0.045)


def test_values_stay_in_the_bins_of_the_rows() -> None:
    seen: list[np.ndarray] = []

    def function(x: tf.Tensor) -> tf.Tensor:
        seen.append(x.numpy())
        return x[:, 0]

    train = np.stack([np.arange(100) % 2, np.linspace(5, 6, 100), np.full(100, 0.1)], 1)
    explain(function, [[0.0, 5.5, 0.1]], perturbation=Bins(train=train), samples=500)
    values = np.concatenate(seen[1:])
    assert set(np.unique(values[:, 0])) == {0, 1}
    np.testing.assert_allclose(values[:, 0].mean(), 0.5, atol=0.12)
    assert 5 <= values[:, 1].min() < 5.05
    assert 5.95 < values[:, 1].max() <= 6
    assert set(values[:, 2]) == {np.float32(0.1)}


def test_an_example_alone_has_the_scores_of_the_batch_and_the_seed_its_bits() -> None:
    for perturbation in (OnOff(baseline=0.0), Gaussian(mean=0.0, scale=1.0), Bins(train=X)):
        fields = {"perturbation": perturbation, "samples": 50}
        found = explain(bent, **fields)
        assert explain(bent, **fields).scores.tobytes() == found.scores.tobytes()
        assert explain(bent, **fields, seed=1).scores.tobytes() != found.scores.tobytes()
        for example in range(3):
            alone = explain(bent, X[example : example + 1], **fields)
            np.testing.assert_allclose(alone.scores[0], found.scores[example], atol=1e-5)


@pytest.mark.parametrize(("model", "method"), [("tabular_mlp", LIME()), ("tokens", LIME(samples=100))])
def test_two_targets_cost_the_passes_of_one(model: str, method: Any) -> None:
    case, counted = models.case(model), test_contract.Counted(test_contract.network_of(model))
    x = tf.constant(case.inputs)
    method = resolution.resolved(method, counted.network, x)
    goals = [tba.targets.resolve(one, counted.network.heads, examples=models.EXAMPLES) for one in (0, 1)]
    first = contract.Model(counted, goals[0], batch_size=10_000)
    second = contract.Model(counted, goals[1], batch_size=10_000, together=first.together)
    found = [method(one, x) for one in (first, second)]
    # f(x) is evaluated for each, the samples once.
    assert counted.rows.numpy() == (method.cost() + 1) * models.EXAMPLES
    alone = method(contract.Model(counted, goals[1]), x)
    np.testing.assert_allclose(found[1].scores, alone.scores, atol=1e-5)


@functools.cache
def of_the_pack() -> tuple[Any, np.ndarray, np.ndarray]:
    """The network with its probability, the rows and the background of lime."""
    return (
        test_parity.model("mlp_tabular", "prob"),
        test_parity.data("mlp_tabular", "x"),
        test_parity.data("mlp_tabular", "train"),
    )


@pytest.mark.parametrize("kind", ["continuous", "discretized"])
def test_the_mean_of_five_seeds_is_that_of_lime(kind: str) -> None:
    model, x, train = of_the_pack()
    expected, spec = test_parity.expected("mlp_tabular"), test_parity.spec("mlp_tabular")[f"lime_{kind}_mean"]
    law = Bins(train) if kind == "discretized" else Gaussian(train.mean(0), train.std(0))
    runs = [
        tba.explain(model, x, LIME(samples=6000, perturbation=law, seed=seed), 1, output="as_is").scores
        for seed in range(5)
    ]
    mean, deviation = expected[f"lime_{kind}_mean"], expected[f"lime_{kind}_std"]
    off = np.abs(np.mean(runs, 0) - mean) / (deviation * np.sqrt(1 / len(runs) + 1 / spec["n_seeds"]))
    assert off.max() < 4
    for run in runs:
        for one, other in zip(run, mean, strict=True):
            assert np.corrcoef(one, other)[0, 1] >= spec["min_correlation_single_seed"]


def test_a_callable_is_explained() -> None:
    found = tba.explain(lambda x: x @ WEIGHTS, X, LIME(ridge=0))
    np.testing.assert_allclose(found.scores, np.tile(WEIGHTS * X.std(0), (3, 1)), atol=1e-4)


IMAGES = tf.zeros((2, 4, 4, 1))
IDS = tf.ones((2, 7), tf.int32)


@pytest.mark.parametrize(
    ("fields", "inputs", "message"),
    [
        ({"samples": 7}, X, r"samples must be at least the number of columns \+ 2, 8; got 7"),
        ({"samples": 17}, IMAGES, r"number of segments \+ 2, 18; got 17. Give more samples or coarser segments"),
        ({"perturbation": Gaussian()}, IMAGES, r"Gaussian .* no table of floats .* float32\[2, 4, 4, 1\]; use OnOff"),
        (
            {"perturbation": Bins()},
            IDS,
            r"Bins .* no table of floats .* int32\[2, 7\]; use OnOff",
        ),
        ({"perturbation": Gaussian(scale=[1, 1, 0, 1, 1, 1])}, X, r"scale must be above 0, and is 0 in column 2; give"),
        (
            {"perturbation": Gaussian(mean=[1, 2])},
            X,
            r"mean must be one number per column, \[6\]; got \['int64\[2\]'\]",
        ),
        ({"perturbation": Bins(np.full((4, 6), np.nan))}, X, "train holds values that are not finite, in column 0"),
        (
            {"perturbation": Bins(np.ones((4, 5)))},
            X,
            r"train must be rows of numbers \[K, 6\], .* \[\(4, 5\)\]",
        ),
        ({"perturbation": Bins(np.ones((0, 6)))}, X, r"at least one; got shapes \[\(0, 6\)\]"),
        ({"perturbation": Bins(), "segments": np.arange(6)[None]}, X, "leave segments out, or use OnOff"),
        ({"perturbation": "gaussian"}, X, r"must be tba.perturbations.OnOff\(\), .* got 'gaussian'"),
    ],
)
def test_what_does_not_fit_the_inputs_is_refused(fields: Any, inputs: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        LIME(**fields)(
            contract.from_function(lambda x: tf.reduce_sum(x, list(range(1, len(x.shape))))), tf.constant(inputs)
        )


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("kernel_width", 0, "kernel_width must be a number above 0, or None; got 0"),
        ("kernel_width", float("inf"), "kernel_width must be a number above 0"),
        ("ridge", -1.0, "ridge must be a number, at least 0; got -1.0"),
        ("samples", 0, "samples must be a whole number above 0; got 0"),
        ("seed", -1, "seed must be a whole number"),
    ],
)
def test_fields_out_of_range_are_refused(field: str, value: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        LIME(**{field: value})


def test_images_and_texts_are_switched() -> None:
    case = models.case("tokens")
    found = tba.explain(case.model, case.inputs, LIME(samples=200))
    assert found.segment_scores.shape == case.inputs.shape
    model = keras.Sequential([keras.Input((4, 4, 1)), keras.layers.Flatten(), keras.layers.Dense(1)])
    x = np.random.default_rng(8).normal(size=(2, 4, 4, 1)).astype(np.float32)
    found = tba.explain(model, x, LIME(perturbation=OnOff(0.0), ridge=0, samples=100))
    np.testing.assert_allclose(found.scores, x * model.get_weights()[0].reshape(4, 4, 1), atol=1e-5)


@pytest.mark.parametrize("perturbation", [OnOff(baseline=0.0), Gaussian(mean=0.0, scale=1.0)])
def test_a_kernel_so_narrow_that_no_sample_weighs_anything_explains_nothing(perturbation: Any) -> None:
    found = explain(bent, perturbation=perturbation, kernel_width=1e-4, samples=100)
    np.testing.assert_array_equal(found.residual, 1)
    np.testing.assert_array_equal(explain(lambda x: 0 * x[:, 0], perturbation=perturbation, samples=100).residual, 0)
