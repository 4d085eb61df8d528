"""One trace per group, evaluations shared within it, and a batch size that fits."""

from __future__ import annotations

import collections
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from tb_attribution_plugin.methods import (
    XRAI,
    GradCAM,
    GradCAMPlusPlus,
    InputXGradient,
    IntegratedGradients,
    LayerCAM,
    Occlusion,
    Saliency,
    SmoothGrad,
    targets,
)
from tb_attribution_plugin.training.batchnorm import DebiasedStatistics
from tb_attribution_plugin.training.compiled import Compiled, Job
from tb_attribution_plugin.training.keras_model import KerasModel
from tb_attribution_plugin.training.plan import _groups as groups
from tb_attribution_plugin.training.resolution import resolved
from tb_attribution_plugin.training.traced import Halving
from tb_attribution_plugin.training.warmth import Warmth
from tests.methods import models

EXECUTED: collections.Counter[str] = collections.Counter()
TRACED: collections.Counter[str] = collections.Counter()


def executed(tensor: tf.Tensor, what: str, needless: bool = True) -> tf.Tensor:
    """Hands a tensor on and counts, when the graph really runs, its rows; unless `needless` only where it is needed."""

    def count(array: np.ndarray) -> np.ndarray:
        EXECUTED[what] += len(array)
        return array

    found = tf.numpy_function(count, [tensor], tensor.dtype, stateful=needless)
    found.set_shape(tensor.shape)
    return found


class Counter(keras.layers.Layer):
    """The identity; counts rows forward and backward."""

    def call(self, x: tf.Tensor) -> tf.Tensor:
        TRACED["call"] += 1

        @tf.custom_gradient
        def through(x: tf.Tensor) -> Any:
            return executed(x, "forward"), lambda upstream: executed(upstream, "backward")

        return through(x)


class BackwardCounter(keras.layers.Layer):
    """The identity; counts rows that go back through it, where TensorFlow cannot leave that out."""

    def call(self, x: tf.Tensor) -> tf.Tensor:
        @tf.custom_gradient
        def through(x: tf.Tensor) -> Any:
            return tf.identity(x), lambda upstream: executed(upstream, "backward", needless=False)

        return through(x)


class Limited(keras.layers.Layer):
    """The identity on a device that holds at most `rows` rows."""

    def __init__(self, rows: int) -> None:
        super().__init__()
        self.rows = rows

    def call(self, x: tf.Tensor) -> tf.Tensor:
        def check(array: np.ndarray) -> np.int32:
            if len(array) > self.rows:
                raise MemoryError(f"{len(array)} rows do not fit")  # TensorFlow makes it a ResourceExhaustedError
            return np.int32(0)

        with tf.control_dependencies([tf.numpy_function(check, [tf.stop_gradient(x)], tf.int32)]):
            return tf.identity(x)


def build(extra: keras.layers.Layer) -> keras.Model:
    keras.utils.set_random_seed(3)
    return keras.Sequential(
        [
            keras.layers.Input((6, 6, 2)),
            keras.layers.Conv2D(3, 3, activation="tanh", name="conv"),
            extra,
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(3, activation="softmax"),
        ]
    )


def group(model: keras.Model, methods: list[Any], target: Any = 1, batch_size: int | None = None) -> Compiled:
    x = tf.constant(models.images(6, 8, 2))
    network = KerasModel(model, x, batch_size)
    shared = targets.resolve(target, network.heads, examples=8)
    return Compiled(network, x, {method.name: Job(resolved(method, network, x), shared) for method in methods})


def rows_of(compiled: Compiled) -> tuple[int, int]:
    EXECUTED.clear()
    compiled()
    return EXECUTED["forward"], EXECUTED["backward"]


@pytest.mark.parametrize("order", [[Saliency(), GradCAM(layer="conv")], [GradCAM(layer="conv"), Saliency()]])
def test_saliency_and_grad_cam_together_run_forward_once_and_backward_once(order: list[Any]) -> None:
    assert rows_of(group(build(Counter()), order)) == (8, 8)


def test_five_methods_of_one_gradient_run_everything_once_before_the_layer_and_behind_it() -> None:
    model = keras.Sequential([keras.layers.Input((6, 6, 2)), Counter(), *build(Counter()).layers])
    cams = (GradCAM(layer="conv"), GradCAMPlusPlus(layer="conv"), LayerCAM(layer="conv"))
    assert rows_of(group(model, [Saliency(), InputXGradient(), *cams])) == (2 * 8, 2 * 8)


def test_alone_they_cost_as_much_as_together() -> None:
    assert rows_of(group(build(Counter()), [Saliency()])) == (8, 8)
    assert rows_of(group(build(Counter()), [GradCAM(layer="conv")])) == (8, 8)


@pytest.mark.parametrize("batch_size", [8, 4])
@pytest.mark.parametrize(
    ("methods", "rows"),
    [([GradCAM(layer="conv")], 0), ([Saliency()], 8), ([GradCAM(layer="conv"), Saliency()], 8)],
    ids=["cam", "saliency", "both"],
)
def test_a_class_activation_map_goes_no_further_back_than_to_its_layer(
    methods: list[Any], rows: int, batch_size: int
) -> None:
    model = keras.Sequential([keras.layers.Input((6, 6, 2)), BackwardCounter(), *build(Counter()).layers])
    assert rows_of(group(model, methods, batch_size=batch_size))[1] == 8 + rows


def test_a_predicted_target_costs_no_evaluation_of_its_own() -> None:
    assert rows_of(group(build(Counter()), [Saliency(), GradCAM(layer="conv")], "predicted")) == (8, 8)


def test_two_layers_share_one_evaluation() -> None:
    model = build(Counter())
    x = tf.constant(models.images(6, 8, 2))
    network = KerasModel(model, x)
    target = targets.resolve(0, network.heads, examples=8)
    jobs = {"a": Job(GradCAM(layer="conv"), target), "b": Job(GradCAM(layer=model.layers[1].name), target)}
    assert rows_of(Compiled(network, x, jobs)) == (8, 8)


def test_a_target_of_several_methods_is_computed_once_per_evaluation() -> None:
    x = tf.constant(models.images(6, 8, 2))
    network = KerasModel(build(Counter()), x)
    calls: list[tf.Tensor] = []

    def first_column(outputs: tf.Tensor) -> tf.Tensor:
        calls.append(outputs)
        return outputs[:, 0]

    target = targets.resolve(first_column, network.heads, examples=8)
    job = Job(resolved(Occlusion(window=2), network, x), target)
    Compiled(network, x, {"one": job})
    alone = len(calls)
    Compiled(network, x, {"one": job, "other": job})
    assert len(calls) == 2 * alone > 0


def test_integrated_gradients_costs_its_points_and_the_two_ends() -> None:
    # 8 examples x 4 points forward and backward; f(x) and f(x0) forward.
    compiled = group(build(Counter()), [IntegratedGradients(steps=4, baseline=0.0)])
    assert rows_of(compiled) == (8 * (4 + 2), 8 * 4)
    np.testing.assert_array_equal(compiled().attributions["integrated_gradients"].evaluations, [6] * 8)


def test_moments_of_one_noise_share_all_gradients() -> None:
    model = build(Counter())
    every = [SmoothGrad(samples=3, reduce=reduce) for reduce in ("mean", "square", "variance")]
    x = tf.constant(models.images(6, 8, 2))
    network = KerasModel(model, x)
    target = targets.resolve(1, network.heads, examples=8)
    jobs = {one.tag: Job(one, target) for one in every}
    # 8 examples x 3 samples, and the gradient at x that they are taken around.
    assert rows_of(Compiled(network, x, jobs)) == (8 * 4, 8 * 4)
    other_seed = jobs | {"other": Job(SmoothGrad(samples=3, seed=1), target)}
    assert rows_of(Compiled(network, x, other_seed)) == (8 * 7, 8 * 7)


def paths(**methods: Any) -> tuple[Compiled, list[list[str]]]:
    """All compiled together, and the groups that a plan puts them in."""
    x = tf.constant(models.images(6, 8, 2))
    network = KerasModel(build(Counter()), x)
    target = targets.resolve(1, network.heads, examples=8)
    jobs = {tag: Job(resolved(method, network, x), target) for tag, method in methods.items()}
    return Compiled(network, x, jobs), [list(group) for group in groups(jobs).values()]


def test_integrated_gradients_of_one_path_run_it_once() -> None:
    masks = np.arange(36).reshape(1, 6, 6) < 18
    one = IntegratedGradients(steps=4, baseline=0.0)
    same = IntegratedGradients(steps=4, baseline=np.zeros((6, 6, 2), np.float32))
    compiled, grouped = paths(one=one, same=same, regions=XRAI(steps=4, baseline=0.0, masks=masks))
    assert grouped == [["one", "same", "regions"]]
    assert rows_of(compiled) == (8 * (4 + 2), 8 * 4)
    found = compiled().attributions
    np.testing.assert_array_equal(found["one"].scores, found["same"].scores)
    np.testing.assert_allclose(found["regions"].scores.sum((1, 2, 3)), found["one"].scores.sum((1, 2, 3)), rtol=1e-4)


@pytest.mark.parametrize("other", [{"steps": 3}, {"rule": "midpoint"}, {"baseline": 0.5}, {"tolerance": 0.9}])
def test_integrated_gradients_of_another_path_run_their_own(other: dict[str, Any]) -> None:
    compiled, grouped = paths(
        one=IntegratedGradients(steps=4, baseline=0.0),
        other=IntegratedGradients(**{"steps": 4, "baseline": 0.0} | other),
    )
    assert grouped == [["one"], ["other"]]
    assert rows_of(compiled)[1] > 8 * 4
    found = compiled().attributions
    assert np.abs(found["one"].scores - found["other"].scores).max() > 0


def test_shared_scores_equal_those_of_each_method_alone() -> None:
    model = build(Counter())
    together = group(model, [Saliency(), GradCAM(layer="conv")])().attributions
    for method in (Saliency(), GradCAM(layer="conv")):
        alone = group(model, [method])().attributions[method.name]
        np.testing.assert_allclose(together[method.name].scores, alone.scores, atol=1e-7)


def test_later_weights_are_seen_without_another_trace() -> None:
    model = build(Counter())
    compiled = group(model, [Saliency(), GradCAM(layer="conv")])
    before = TRACED["call"]
    first = compiled().attributions["saliency"].scores
    kernel = model.layers[-1].kernel
    kernel.assign(2 * kernel)
    second = compiled().attributions["saliency"].scores
    np.testing.assert_allclose(second, 2 * first, atol=1e-6)  # the margin is linear in the last kernel
    assert compiled.traces == 1
    assert TRACED["call"] == before


def test_results_hold_the_columns_and_the_probabilities() -> None:
    model = build(Counter())
    results = group(model, [Saliency()], "predicted")()
    expected = model.predict(models.images(6, 8, 2), verbose=0)
    np.testing.assert_allclose(results.predictions["saliency"], expected, atol=1e-6)
    np.testing.assert_array_equal(results.columns["saliency"], expected.argmax(1))
    assert group(model, [Saliency()], lambda y: y[:, 0])().columns["saliency"] is None


def test_a_batch_that_does_not_fit_is_halved_until_it_does() -> None:
    compiled = group(build(Limited(2)), [Saliency(), GradCAM(layer="conv")])
    found = compiled().attributions
    assert compiled.batch_size == 2
    roomy = group(build(Limited(1000)), [Saliency(), GradCAM(layer="conv")])().attributions
    for tag in found:
        np.testing.assert_allclose(found[tag].scores, roomy[tag].scores, atol=1e-6)
    traces = compiled.traces
    compiled()
    assert compiled.traces == traces  # what was learnt is kept


def test_a_convolution_of_a_gpu_says_in_its_own_words_that_nothing_fits() -> None:
    def crowded(inputs: Any, rows: int) -> tf.Tensor:
        def check() -> np.float32:
            if rows > 2:
                raise tf.errors.NotFoundError(
                    None, None, "No algorithm worked!\n  CUDNN engine eng1: RESOURCE_EXHAUSTED"
                )
            return np.float32(rows)

        return tf.numpy_function(check, [], tf.float32)

    halving = Halving(crowded, tf.zeros((8, 1)), 8, 8)
    assert (float(halving()), halving.batch_size, halving.traces) == (2.0, 2, 3)


def test_what_is_not_found_for_another_reason_is_an_error() -> None:
    def missing(inputs: Any, rows: int) -> tf.Tensor:
        return tf.io.read_file("/no/such/file")

    with pytest.raises(tf.errors.NotFoundError, match="/no/such/file"):
        Halving(missing, tf.zeros((8, 1)), 8, 8)()


def test_one_row_that_does_not_fit_is_an_error() -> None:
    compiled = group(build(Limited(0)), [Saliency()])
    with pytest.raises(tf.errors.ResourceExhaustedError, match="1 rows do not fit"):
        compiled()
    assert compiled.batch_size == 1


@pytest.mark.parametrize("labels", [None, np.arange(8) % 3])
def test_the_accuracy_of_batch_normalization_is_found_with_batches_that_fit(labels: Any) -> None:
    found, x = [], tf.constant(models.images(6, 8, 2))
    for rows in (2, 1000):
        model = build(Limited(rows))
        normalised = [*model.layers[:2], keras.layers.BatchNormalization(), *model.layers[2:]]
        network = KerasModel(keras.Sequential(normalised), x)
        found.append(Warmth(network, DebiasedStatistics(network.calls), x, labels).numbers())
    assert found[0] == found[1]
