"""What every exported method promises, on every kind of model. New methods are picked up from `methods.__all__`."""

from __future__ import annotations

import dataclasses
import functools
import random
from typing import Any, NamedTuple

import keras
import numpy as np
import pytest
import tensorflow as tf

from tb_attribution_plugin import methods
from tb_attribution_plugin.attribution import Attribution
from tb_attribution_plugin.methods import contract, targets
from tb_attribution_plugin.methods.network import Run
from tb_attribution_plugin.training.compiled import Compiled, Job
from tb_attribution_plugin.training.keras_model import KerasModel
from tb_attribution_plugin.training.resolution import resolved
from tests.methods import models

pytestmark = pytest.mark.once

# Values for fields that have no default.
REQUIRED = {"layer": "hidden", "window": 2}
# What is promised here holds for any number of points and masks; several chunks of them are enough.
FEWER = {"steps": 4, "samples": 6, "masks": np.random.default_rng(6).random((7, 8, 8)) < 0.3, "grid": 3}
# XRAI's masks are regions, those of RISE are counted.
OF_ONE = {"RISE": {"masks": 40}, "Sobol": {"designs": 4}, "HSIC": {"designs": 20}}
# Ids of 3 x 3 segments of images of 8 x 8.
NINE = (np.arange(8)[:, None] // 3 * 3 + np.arange(8) // 3)[None, :, :, None]


def has_layer(method: str) -> bool:
    return "layer" in {field.name for field in dataclasses.fields(getattr(methods, method))}


def needs_grid(method: str) -> bool:
    return has_layer(method) and hasattr(getattr(methods, method), "layer")


# A picture twice, with moving statistics and without; how Keras calls models of other kinds, tests/oracle has.
MODELS = [name for name in models.BUILDERS if name not in ("sequential_cnn", "nested")]
# A table has no layer with a grid, neither tables nor tokens are images, and some models have no ReLU. Attention is
# the same for other methods.
PAIRS = [
    (method, model)
    for method in methods.__all__
    for model in MODELS
    if not (model == "tabular_mlp" and needs_grid(method))
    and not (model in ("tabular_mlp", "tokens") and method in models.OF_IMAGES)
    and (model == "attention") == (method in models.OF_ATTENTION)
    and not (model not in models.WITH_RECTIFIER and method in models.OF_RECTIFIERS)
]


each = pytest.mark.parametrize(("method", "model"), PAIRS)


def made_for(made: Any, model: str) -> Any:
    """Methods whose layer must be named get the one that class activation maps choose; a table's is named in it.

    Images are cut into 9 segments, of whose coalitions some are sampled.
    """
    if hasattr(made, "segments"):
        cut = None if model in ("tabular_mlp", "tokens") else NINE
        few = {"samples": 40} if hasattr(made, "samples") else {}
        return dataclasses.replace(made, segments=cut, **few)
    if not has_layer(type(made).__name__) or made.layer is None or model == "tabular_mlp":
        return made
    return dataclasses.replace(made, layer=network_of(model).layer(None))


def construct(name: str) -> Any:
    method = getattr(methods, name)
    fields = {field.name: field.default for field in dataclasses.fields(method)}
    needed = {field: REQUIRED[field] for field, default in fields.items() if default is dataclasses.MISSING}
    fewer = {**FEWER, **OF_ONE.get(name, {})}
    return method(**needed, **{field: value for field, value in fewer.items() if field in fields})


@functools.cache
def network_of(model: str, batch_size: int | None = None) -> KerasModel:
    case = models.case(model)
    return KerasModel(case.model, tf.constant(case.inputs), batch_size)


@functools.cache
def concrete(method: str, model: str, example: int | None = None) -> Any:
    """The method, resolved for all of the model's inputs; segments are those of the one example."""
    network, inputs = network_of(model), models.case(model).inputs
    made = made_for(construct(method), model)
    found = resolved(made, network, tf.constant(inputs))
    if example is None or not hasattr(made, "segments"):
        return found
    return resolved(dataclasses.replace(found, segments=made.segments), network, tf.constant(inputs[[example]]))


def chosen(model: str) -> list[str]:
    return [method for method, other in PAIRS if other == model]


def compiled(model: str, batch_size: int | None = None, example: int | None = None) -> Compiled:
    """All methods in one graph; one alone is traced in a later test."""
    case, network = models.case(model), network_of(model, batch_size)
    rows = slice(None) if example is None else [example]
    inputs, labels = tf.constant(case.inputs[rows]), case.labels[rows]
    target = targets.resolve(labels, network.heads, examples=len(labels))
    return Compiled(
        network, inputs, {method: Job(concrete(method, model, example), target) for method in chosen(model)}
    )


class Traced(NamedTuple):
    """Two calls of one trace, and what was there before and after the first."""

    first: dict[str, Attribution]
    second: dict[str, Attribution]
    before: Surroundings
    after: Surroundings


@functools.cache
def in_graph(model: str) -> Traced:
    network_of(model)
    reseed()
    before = Surroundings.of(model)
    reseed()
    function = compiled(model)
    first, after = function().attributions, Surroundings.of(model)
    return Traced(first, function().attributions, before, after)


@functools.cache
def chunked(model: str) -> dict[str, Attribution]:
    return compiled(model, batch_size=3)().attributions


@functools.cache
def last_alone(model: str) -> dict[str, Attribution]:
    return compiled(model, example=models.EXAMPLES - 1)().attributions


@functools.cache
def eager(model: str) -> dict[str, Attribution]:
    case, network = models.case(model), network_of(model)
    target = targets.resolve(case.labels, network.heads, examples=models.EXAMPLES)
    inputs = tf.constant(case.inputs)
    return {one: concrete(one, model)(contract.Model(network, target), inputs) for one in chosen(model)}


def assert_close(found: Any, expected: Any) -> None:
    """Within 1e-5 of the scores' own size."""
    for one, other in zip(tf.nest.flatten(found), tf.nest.flatten(expected), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5 * max(1.0, np.abs(other).max()), rtol=1e-5)


@each
def test_shape_dtype_and_finite(method: str, model: str) -> None:
    attribution = in_graph(model).first[method]
    inputs = models.case(model).inputs
    for scores, given in zip(tf.nest.flatten(attribution.scores), tf.nest.flatten(inputs), strict=True):
        assert scores.dtype == np.float32
        assert scores.shape[0] == models.EXAMPLES
        assert scores.shape == given.shape or has_layer(method)
        assert np.isfinite(scores).all()
        assert np.abs(scores).max() > 0
        assert construct(method).signed or scores.min() >= 0
    for field in ("residual", "outputs", "baseline_outputs", "evaluations"):
        assert getattr(attribution, field).shape == (models.EXAMPLES,)
        assert getattr(attribution, field).dtype == np.float32
    assert np.isfinite(attribution.outputs).all()
    assert np.isfinite(attribution.residual).all() == (construct(method).error_kind != "none")


@each
def test_same_call_twice_gives_the_same_bits(method: str, model: str) -> None:
    first, second = in_graph(model).first[method], in_graph(model).second[method]
    assert [a.tobytes() for a in tf.nest.flatten(first.scores)] == [a.tobytes() for a in tf.nest.flatten(second.scores)]


@each
def test_eager_equals_graph(method: str, model: str) -> None:
    for field in ("scores", "outputs"):
        assert_close(getattr(eager(model)[method], field), getattr(in_graph(model).first[method], field))


@each
def test_an_example_alone_has_the_scores_that_it_has_in_a_batch(method: str, model: str) -> None:
    graph, alone = in_graph(model).first[method], last_alone(model)[method]
    assert_close(alone.scores, graph.scores[-1:])
    assert_close(alone.outputs, graph.outputs[-1:])


@each
def test_chunks_do_not_change_the_scores(method: str, model: str) -> None:
    for field in ("scores", "outputs", "evaluations"):
        assert_close(getattr(chunked(model)[method], field), getattr(in_graph(model).first[method], field))


class Counted:
    """A network that counts the rows it is run on, also in a graph that is traced once."""

    def __init__(self, network: KerasModel) -> None:
        self.network, self.rows, self.largest = network, tf.Variable(0), tf.Variable(0)
        self.batch_size, self.needs_graph = network.batch_size, network.needs_graph
        self.features, self.onto_inputs, self.layer = network.features, network.onto_inputs, network.layer
        self.takes_ids, self.grid, self.shape = network.takes_ids, network.grid, network.shape
        self.onto_places, self.patches = network.onto_places, network.patches

    def unrolled(self) -> Counted:
        return self

    def run(self, inputs: Any, features: Any, taps: tuple[str, ...], replaced: Any) -> Run:
        rows = int(tf.nest.flatten(features)[0].shape[0])
        self.rows.assign_add(rows)
        self.largest.assign(tf.maximum(self.largest, rows))
        return self.network.run(inputs, features, taps, replaced)


def rows_of_a_mask(made: Any) -> int:
    """A mask of segments, windows or cells is tried on all examples and baselines. 1 for other methods."""
    if getattr(made, "segments", None) is None and not hasattr(made, "window") and not hasattr(made, "grid"):
        return 1
    return models.EXAMPLES * (made.background if hasattr(made, "background") else made.baseline).count


@each
@pytest.mark.parametrize("chunked", [False, True])
def test_evaluations_are_the_rows_that_the_model_saw(method: str, model: str, chunked: bool) -> None:
    case, counted = models.case(model), Counted(network_of(model))
    target = targets.resolve(case.labels, counted.network.heads, examples=models.EXAMPLES)
    one = concrete(method, model)
    rows = one.cost() * models.EXAMPLES
    batch_size = max(3, rows // 3) if chunked else rows
    attribution = one(contract.Model(counted, target, batch_size=batch_size), tf.constant(case.inputs))
    assert np.sum(attribution.evaluations) == rows
    assert counted.largest <= batch_size
    # The last chunk of a loop is filled up: with fewer rows, or masks, than there are chunks.
    unit = rows_of_a_mask(one)
    size = batch_size // unit * unit or batch_size
    # A reference is computed from the traced operations, which the network does not see.
    least = rows // 2 if method in ("DeepLIFT", "DeepSHAP") else rows
    assert least <= counted.rows <= rows + (rows // size * unit if chunked else 0)


def reseed() -> None:
    keras.utils.clear_session(free_memory=False)  # an older Keras keeps its own stream when a seed is set
    keras.utils.set_random_seed(5)


def draws() -> list[float]:
    """The next number of every global random stream."""
    return [
        random.random(),
        np.random.random(),  # noqa: NPY002 - the global stream is what is watched
        float(tf.random.uniform(())),
        float(keras.random.uniform(())),
    ]


class Surroundings(NamedTuple):
    """What an explanation must leave as it is: the next random numbers, what layers hold, and all variables."""

    draws: list[float]
    attributes: list[set[str]]
    variables: list[np.ndarray]

    @classmethod
    def of(cls, name: str) -> Surroundings:
        model = models.case(name).model
        attributes = [set(layer.__dict__) for layer in model._flatten_layers()]
        return cls(draws(), attributes, [one.numpy() for one in [*model.variables, *model.optimizer.variables]])


@pytest.mark.parametrize("model", MODELS)
def test_the_model_and_the_random_streams_are_untouched(model: str) -> None:
    before, after = in_graph(model).before, in_graph(model).after
    assert after.draws == before.draws
    assert after.attributes == before.attributes
    assert not any("call" in held for held in after.attributes)
    for found, expected in zip(after.variables, before.variables, strict=True):
        np.testing.assert_array_equal(found, expected)


def fitted(explain_between: bool) -> list[np.ndarray]:
    names = [method for method in methods.__all__ if method not in models.OF_ATTENTION]
    # Before any seed is set: it may make a model.
    chosen = {method: made_for(construct(method), "functional_cnn") for method in names}
    case = models.fresh("functional_cnn")
    keras.utils.set_random_seed(6)
    case.model.fit(case.inputs, case.labels, batch_size=2, verbose=0)
    if explain_between:
        inputs = tf.constant(case.inputs)
        network = KerasModel(case.model, inputs)
        target = targets.resolve("predicted", network.heads, examples=models.EXAMPLES)
        chosen = {
            method: made_for(construct(method), "functional_cnn")
            for method in methods.__all__
            if method not in models.OF_ATTENTION
        }
        jobs = {method: Job(resolved(one, network, inputs), target) for method, one in chosen.items()}
        Compiled(network, inputs, jobs)()
    case.model.fit(case.inputs, case.labels, batch_size=2, verbose=0)
    return [variable.numpy() for variable in [*case.model.variables, *case.model.optimizer.variables]]


def test_a_later_fit_is_unaffected() -> None:
    for found, expected in zip(fitted(True), fitted(False), strict=True):
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("method", methods.__all__)
def test_a_method_is_a_frozen_keyword_only_record(method: str) -> None:
    made = construct(method)
    with pytest.raises(dataclasses.FrozenInstanceError):
        made.name = "other"
    with pytest.raises(TypeError, match="positional"):
        getattr(methods, method)(1)
    assert made.error_kind in ("gap", "standard_error", "one_minus_r2", "absorbed", "map_difference", "none")
