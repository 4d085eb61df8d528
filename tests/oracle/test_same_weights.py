"""The same weights give the same map, however the model is written and whatever its head looks like."""

from __future__ import annotations

import dataclasses
import functools

import keras
import numpy as np
import pytest
import tensorflow as tf

import tb_attribution_plugin as tba
from tb_attribution_plugin import methods
from tb_attribution_plugin.methods import targets
from tb_attribution_plugin.training.compiled import Compiled, Job
from tb_attribution_plugin.training.keras_model import KerasModel
from tb_attribution_plugin.training.resolution import resolved
from tests.oracle.attentive import ATTENTIVE
from tests.oracle.estimates import ESTIMATES
from tests.oracle.switched import SWITCHED
from tests.oracle.test_every_kind import METHODS, WAYS
from tests.zoo.specimen import LABELS, Specimen, images
from tests.zoo.wrapped import FORMS

L = keras.layers
# Those that switch features see nothing of a model but what it returns, and these models have no attention.
INSIDE = [method for method in METHODS if method not in SWITCHED | ESTIMATES | ATTENTIVE]
# The same operations in another order of rounding.
TOLERANCE = 1e-5


@functools.cache
def explained(form: str, ways: bool) -> dict[str, tba.Attribution]:
    """By `WAYS`, or by all other methods, in one graph."""
    build, layer = FORMS[form]
    inputs = tf.constant(images())
    network = KerasModel(Specimen(build, images).made(), inputs)
    target = targets.resolve(LABELS, network.heads, examples=len(LABELS))
    jobs = {}
    for name in (name for name in INSIDE if (name in WAYS) == ways):
        method = getattr(methods, name)
        at_layer = any(field.name == "layer" for field in dataclasses.fields(method))
        made = method(layer=layer) if at_layer else method()
        jobs[name] = Job(resolved(made, network, inputs), target)
    return Compiled(network, inputs, jobs)().attributions


@pytest.mark.parametrize(
    "method", [pytest.param(name, marks=() if name in WAYS else pytest.mark.once) for name in INSIDE]
)
@pytest.mark.parametrize("form", [form for form in FORMS if form != "reused"])
def test_the_form_of_a_model_does_not_matter(form: str, method: str) -> None:
    found, expected = (explained(one, method in WAYS)[method] for one in (form, "reused"))
    size = np.abs(expected.scores).max()
    np.testing.assert_allclose(found.scores, expected.scores, rtol=0, atol=TOLERANCE * size)
    np.testing.assert_allclose(found.outputs, expected.outputs, rtol=TOLERANCE)


def test_a_tf_function_is_left_as_it_was() -> None:
    """What was traced under attribution is not what training and validation run later."""
    build, _ = FORMS["tf_function"]
    model = Specimen(build, images, policy="mixed_float16").made()
    before = model.predict(images(), verbose=0)
    traces = model.call.experimental_get_tracing_count()
    tba.explain(model, images(), "integrated_gradients", LABELS)
    assert model.call.experimental_get_tracing_count() == traces
    assert "call" not in vars(model)
    np.testing.assert_array_equal(model.predict(images(), verbose=0), before)


def one_unit() -> keras.Model:
    return headed(L.Dense(1, activation="sigmoid", name="head"))


def two_units() -> keras.Model:
    return headed(L.Dense(2, activation="softmax", name="head"))


def headed(head: L.Layer) -> keras.Model:
    body = [keras.Input((8, 8, 3)), L.Conv2D(4, 3, activation="tanh", name="conv"), L.GlobalAveragePooling2D()]
    return keras.Sequential([*body, head])


@pytest.mark.parametrize("label", [0, 1])
def test_the_class_activation_map_of_one_sigmoid_unit_equals_its_softmax_twins(label: int) -> None:
    one, two = Specimen(one_unit, images).made(), Specimen(two_units, images).made()
    kernel, bias = one.get_layer("head").get_weights()
    shared = np.random.default_rng(3).normal(size=kernel.shape).astype(np.float32)
    # Any two columns whose difference is the kernel.
    two.get_layer("head").set_weights(
        [np.concatenate([shared, shared + kernel], 1), np.concatenate([bias - bias, bias])]
    )
    two.get_layer("conv").set_weights(one.get_layer("conv").get_weights())
    first, second = (tba.explain(model, images(), "grad_cam", label) for model in (one, two))
    np.testing.assert_allclose(first.scores, second.scores, rtol=0, atol=TOLERANCE * np.abs(second.scores).max())
    np.testing.assert_allclose(first.outputs, second.outputs, rtol=1e-4)
    assert np.all((first.outputs > 0) == (one.predict(images(), verbose=0)[:, 0] > 0.5) ^ (label == 0))
