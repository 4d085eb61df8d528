"""Every method on every kind of model: the numbers of the definition, of each example, of the weights as they are."""

from __future__ import annotations

import functools
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from tb_attribution_plugin import methods
from tb_attribution_plugin.methods import targets
from tb_attribution_plugin.training.compiled import Compiled, Job
from tb_attribution_plugin.training.keras_model import KerasModel
from tb_attribution_plugin.training.resolution import resolved
from tests.methods.models import OF_IMAGES
from tests.oracle import definitions
from tests.oracle.at_layers import AT_LAYERS
from tests.oracle.attentive import ATTENTIVE
from tests.oracle.attentive import KNOWN as WITH_ATTENTION
from tests.oracle.coarse import fields
from tests.oracle.definitions import ORACLES
from tests.oracle.estimates import ESTIMATES
from tests.oracle.paths import FIELDS, PATHS
from tests.oracle.rectified import RECTIFIED, WITH_RECTIFIER
from tests.oracle.sampled import SAMPLED
from tests.oracle.switched import SWITCHED
from tests.zoo import ZOO
from tests.zoo.specimen import EXAMPLES, draw_weights

# A product of two others: tests/parity has its numbers.
PRODUCTS = ("GuidedGradCAM",)
METHODS = [method for method in methods.__all__ if method not in PRODUCTS]
# Their parts are compared in tests/parity and tests/methods, and must add up on every kind of model.
BY_RULES = ("DeepLIFT", "DeepSHAP", "LRP")
NO_GRID = r"no layer of the model has a spatial output .* use a method that explains the inputs"
# Pairs that make no sense: how the refusal begins, which is its reason.
CAMS = [method for method in METHODS if hasattr(getattr(methods, method), "layer")]
REFUSED = {(method, name): NO_GRID for method in CAMS for name in ZOO if ZOO[name].grid_layer is None}
NO_IMAGES = [name for name in ZOO if any(np.ndim(one) != 4 for one in tf.nest.flatten(ZOO[name].inputs()))]
REFUSED |= {(method, name): "explains images, .* is .*; use 'integrated_" for method in OF_IMAGES for name in NO_IMAGES}
REFUSED |= {
    (method, name): "there is no Relu or Relu6 between"
    for method in RECTIFIED
    for name in ZOO
    if name not in WITH_RECTIFIER
}
REFUSED["ScoreCAM", "time_distributed"] = r"layer 'rnn' has the grid \(4,\), which cannot be laid over .* use GradCAM"
NO_ATTENTION = r"the model has no attention that the explained output depends on"
REFUSED |= {(method, name): NO_ATTENTION for method in ATTENTIVE for name in ZOO if name not in WITH_ATTENTION}
DEFINED = ATTENTIVE | ORACLES | RECTIFIED | SAMPLED | PATHS | AT_LAYERS | SWITCHED | ESTIMATES
# One of each way through a model: to its inputs, along a path, from a layer, and with a layer's output replaced.
WAYS = ("Saliency", "IntegratedGradients", "GradCAM", "LayerIntegratedGradients")
# One of each modality: where every method is tried on the lowest versions too.
SAMPLE = ("functional_cnn", "tokens_mask_zero", "categories", "causal_conv")
# They differ from ExactShapley and Occlusion in their masks alone, which no kind of model sees.
OF_COALITIONS = ("KernelSHAP", "PermutationShapley", *ESTIMATES)
PAIRS = [
    (method, name)
    for method in METHODS
    for name in (SAMPLE if method in OF_COALITIONS else ZOO)
    if (method, name) not in REFUSED
]


def case(method: str, name: str) -> Any:
    marks = () if method in WAYS or name in SAMPLE else pytest.mark.once
    return pytest.param(method, name, id=f"{name}-{method}", marks=marks)


pair = pytest.mark.parametrize(("method", "name"), [case(*one) for one in PAIRS])

# These leave out negative gradients, and a map of an example that has no others is zero.
POSITIVE = {"GradCAMPlusPlus", "LayerCAM"}

# Forward and backward in float32 against float64: each of some 50 operations rounds by 6e-8 of its values, which are up
# to about 10 times the scores where terms cancel.
TOLERANCE = 3e-5
# Differences of two outputs, which are up to some 100 times as large.
OF_DIFFERENCES = 1e-4


def inputs_of(name: str) -> Any:
    return tf.nest.map_structure(tf.constant, ZOO[name].inputs())


@functools.cache
def network_of(name: str) -> KerasModel:
    return KerasModel(ZOO[name].made(), inputs_of(name))


def made(method: str, name: str) -> Any:
    """With its defaults, but for `FIELDS` and `fields`; those that need a layer get the specimen's."""
    named = {"layer": ZOO[name].any_layer} if method.startswith("Layer") and method not in CAMS else {}
    return getattr(methods, method)(**named, **FIELDS.get(method, {}), **fields(method, ZOO[name].inputs()))


def compiled(name: str, network: KerasModel, chosen: list[str]) -> Compiled:
    inputs, target = inputs_of(name), targets.resolve(ZOO[name].target, network.heads, examples=EXAMPLES)
    jobs = {method: Job(resolved(made(method, name), network, inputs), target) for method in chosen}
    return Compiled(network, inputs, jobs)


def attributions(method: str, name: str) -> tuple[Any, Any]:
    first, second = of_group(name, method in WAYS)
    return first[method], second[method]


@functools.cache
def of_group(name: str, ways: bool) -> tuple[dict[str, Any], dict[str, Any]]:
    """`WAYS`, or all other methods, with the weights of seed 1, and again with those of seed 2; traced once."""
    model = ZOO[name].made(seed=1)
    chosen = [method for method, other in PAIRS if other == name and (method in WAYS) == ways]
    function = compiled(name, KerasModel(model, inputs_of(name)), chosen)
    first = function().attributions
    draw_weights(model, seed=2)
    second = function().attributions
    assert function.traces == 1
    return first, second


@functools.cache
def twin(name: str) -> keras.Model:
    return ZOO[name].made(seed=2, policy="float64")


def assert_changed(first: Any, second: Any) -> None:
    """With other weights."""
    for one, other in zip(tf.nest.flatten(first.scores), tf.nest.flatten(second.scores), strict=True):
        assert np.abs(one - other).max() > 0.05 * np.abs(one).max()


def assert_close(found: Any, expected: Any, tolerance: float) -> None:
    for one, other in zip(tf.nest.flatten(found), tf.nest.flatten(expected), strict=True):
        assert one.shape == other.shape
        np.testing.assert_allclose(one, other, rtol=0, atol=tolerance * np.abs(other).max())


defined = pytest.mark.parametrize(("method", "name"), [case(*one) for one in PAIRS if one[0] not in BY_RULES])
closing = [case(*one) for one in PAIRS if one[0] in ("DeepLIFT", "DeepSHAP")]
absorbing = [case(*one) for one in PAIRS if one[0] == "LRP"]


@pytest.mark.parametrize(("method", "name"), absorbing)
def test_scores_and_what_was_absorbed_add_up_to_the_output_in_float64(method: str, name: str) -> None:
    first, second = attributions(method, name)
    assert_changed(first, second)
    inputs, specimen = inputs_of(name), ZOO[name]
    outputs = specimen.forward(twin(name), inputs, specimen.features(twin(name), inputs))
    expected = definitions.value(specimen, outputs).numpy()
    arrived = sum(one.reshape(EXAMPLES, -1).sum(1) for one in tf.nest.flatten(second.scores))
    np.testing.assert_allclose(arrived + second.residual, expected, rtol=0, atol=TOLERANCE * np.abs(expected).max())


@pytest.mark.parametrize(("method", "name"), closing)
def test_scores_add_up_to_the_difference_in_float64_with_weights_that_came_after_tracing(
    method: str, name: str
) -> None:
    first, second = attributions(method, name)
    assert_changed(first, second)
    expected = definitions.difference(ZOO[name], twin(name), of_rows=method == "DeepSHAP")
    maps = [one.reshape(EXAMPLES, -1) for one in tf.nest.flatten(second.scores)]
    size = sum(np.abs(one).sum(1) for one in maps).max()
    np.testing.assert_allclose(sum(one.sum(1) for one in maps), expected, rtol=0, atol=TOLERANCE * size)


@defined
def test_scores_are_those_of_the_definition_in_float64_with_weights_that_came_after_tracing(
    method: str, name: str
) -> None:
    first, second = attributions(method, name)
    tolerance = OF_DIFFERENCES if method in SWITCHED | ESTIMATES else TOLERANCE
    assert_close(second.scores, DEFINED[method](ZOO[name], twin(name)), tolerance)
    assert_changed(first, second)


# Rectifiers that are active for the same units hand back the same.
@pytest.mark.parametrize(("method", "name"), [case(*one) for one in PAIRS if one[0] not in RECTIFIED])
def test_every_example_has_a_map_of_its_own(method: str, name: str) -> None:
    for scores in tf.nest.flatten(attributions(method, name)[0].scores):
        drawn = [example.tobytes() for example in scores if example.any() or method not in POSITIVE]
        assert len(set(drawn)) == len(drawn)


@pytest.mark.parametrize("name", SAMPLE)
def test_random_orders_lie_within_five_standard_errors_of_all_orders(name: str) -> None:
    few, every = (attributions(method, name)[0] for method in ("PermutationShapley", "KernelSHAP"))
    rounding = OF_DIFFERENCES * np.nanmax(np.abs(every.segment_scores))
    error = np.abs(few.segment_scores - every.segment_scores)
    np.testing.assert_array_equal(np.isnan(error), np.isnan(few.errors))
    assert np.all(np.isnan(error) | (error <= 5 * few.errors + rounding))
    assert np.nanmax(few.errors) > 0


@pytest.mark.parametrize("name", [name for name, specimen in ZOO.items() if specimen.grid_layer])
def test_the_default_layer_of_a_class_activation_map(name: str) -> None:
    assert network_of(name).layer(None) == ZOO[name].grid_layer


@pytest.mark.parametrize(("method", "name"), [case(*one) for one in REFUSED])
def test_a_pair_that_makes_no_sense_is_refused_with_its_reason(method: str, name: str) -> None:
    with pytest.raises(ValueError, match=REFUSED[method, name]):
        compiled(name, network_of(name), [method])
