"""Any callable as a model: what it is given, what it may return, and what is said when it fails."""

from __future__ import annotations

import dataclasses
import functools
import itertools
import threading
from collections.abc import Callable
from typing import Any, ClassVar

import keras
import numpy as np
import pytest
import tensorflow as tf
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import tb_attribution_plugin as tba
from tb_attribution_plugin.attribution import Attribution
from tb_attribution_plugin.methods import rows, targets
from tb_attribution_plugin.methods.contract import Model
from tb_attribution_plugin.training import python_model
from tb_attribution_plugin.training.compiled import Compiled, Job
from tb_attribution_plugin.training.progress import Progress
from tb_attribution_plugin.training.python_model import PythonModel

FEATURES = 4
X = np.random.default_rng(0).normal(size=(6, FEATURES))  # float64
WEIGHTS = np.random.default_rng(1).normal(size=(FEATURES, 3))


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Without:
    """f(x) - f(x with one column at `value`), column by column."""

    value: float = 0.0

    name: ClassVar[str] = "without"
    error_kind: ClassVar[str] = "none"
    additive: ClassVar[bool] = False
    class_sensitive: ClassVar[bool] = True
    weight_sensitive: ClassVar[bool] = True
    signed: ClassVar[bool] = True

    def cost(self) -> int:
        return 1 + FEATURES

    def __call__(self, model: Model, inputs: Any) -> Attribution:
        values, features = model.values(inputs), model.features(inputs)
        flat = tf.nest.flatten(features)
        examples = flat[0].shape[0]

        def value(row: tf.Tensor) -> tf.Tensor:
            row_model, row_inputs = model.take(inputs, row % examples)
            out = (row // examples)[:, None] == tf.range(FEATURES)
            changed = [tf.where(out, self.value, tf.gather(one, row % examples)) for one in flat]
            return row_model.values(row_inputs, tf.nest.pack_sequence_as(features, changed))

        without = rows.mapped(value, FEATURES * examples, model.batch_size)
        scores = values[:, None] - tf.transpose(tf.reshape(without, (FEATURES, examples)))
        nothing = tf.fill(tf.shape(values), float("nan"))
        return Attribution(tf.nest.map_structure(lambda _: scores, features), nothing, values, nothing)


def softmax(z: np.ndarray) -> np.ndarray:
    raised = np.exp(z - z.max(1, keepdims=True))
    return raised / raised.sum(1, keepdims=True)


def probabilities(x: np.ndarray) -> np.ndarray:
    return softmax(np.tanh(x) @ WEIGHTS)


def expected(function: Callable[[np.ndarray], np.ndarray], x: np.ndarray = X) -> np.ndarray:
    """What `Without` defines, in float64; `function` gives [rows]."""
    scores = np.empty(x.shape)
    for column in range(FEATURES):
        changed = x.copy()
        changed[:, column] = 0
        scores[:, column] = function(x) - function(changed)
    return scores


class Asked:
    """A callable that keeps the batches it was given."""

    def __init__(self, function: Callable[[Any], Any] = probabilities) -> None:
        self.function, self.batches, self.threads = function, [], set()

    def __call__(self, batch: Any) -> Any:
        self.batches.append(batch)
        self.threads.add(threading.get_ident())
        return self.function(batch)


def test_probabilities_are_explained_as_they_are_for_the_predicted_class() -> None:
    found = tba.explain(probabilities, X, Without())
    best = probabilities(X).argmax(1)
    assert isinstance(found.scores, np.ndarray)
    np.testing.assert_allclose(found.outputs, probabilities(X).max(1), atol=1e-6)
    np.testing.assert_allclose(found.scores, expected(lambda x: probabilities(x)[np.arange(6), best]), atol=1e-6)


@pytest.mark.parametrize("returns", [lambda x: x @ WEIGHTS[:, 0], lambda x: x @ WEIGHTS[:, :1]])
def test_one_column_is_a_value(returns: Callable[[Any], Any]) -> None:
    found = tba.explain(returns, X, Without())
    np.testing.assert_allclose(found.scores, X * WEIGHTS[:, 0], atol=1e-6)


def test_a_forest_with_probabilities_of_zero_and_a_pipeline() -> None:
    table, labels = load_breast_cancer(return_X_y=True)
    table = table[:, :FEATURES]
    models = [
        RandomForestClassifier(7, max_depth=4, random_state=0).fit(table, labels),
        make_pipeline(StandardScaler(), LogisticRegression()).fit(table, labels),
        RandomForestRegressor(7, random_state=0).fit(table, labels.astype(float)),
    ]
    for model in models:
        given = getattr(model, "predict_proba", model.predict)
        of_one = model.predict if given == model.predict else lambda x, given=given: given(x)[:, 1]
        found = tba.explain(given, table[:6], Without(), None if given == model.predict else 1)
        wanted = expected(of_one, table[:6].astype(np.float32).astype(np.float64))
        assert np.ptp(wanted) > 0.1
        np.testing.assert_allclose(found.scores, wanted, atol=1e-6)
    assert (models[0].predict_proba(table) == 0).any()


def test_a_keras_model_in_a_lambda_gives_what_the_model_itself_does() -> None:
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((FEATURES,)), keras.layers.Dense(3, activation="softmax")])
    itself = tba.explain(model, X, Without(), 1, output="as_is")
    wrapped = tba.explain(lambda x: model.predict(x, verbose=0), X, Without(), 1)
    np.testing.assert_allclose(wrapped.scores, itself.scores, atol=1e-6)


def test_batches_have_the_dtype_of_the_inputs_and_at_most_batch_size_rows() -> None:
    for given, dtype in [(X, np.float64), (X.astype(np.float32), np.float32), (np.arange(24).reshape(6, 4), np.int64)]:
        asked = Asked(lambda x: softmax(x @ WEIGHTS))
        tba.explain(asked, given, Without(), batch_size=5)
        assert {batch.dtype.type for batch in asked.batches} == {dtype}
        # One for the outputs' shape, two chunks of three for the columns and f(x), five of five for 24 more rows.
        assert [len(batch) for batch in asked.batches] == [1, 3, 3, 5, 5, 5, 5, 5]
        assert asked.threads == {threading.get_ident()}


def test_a_batch_size_is_chosen_by_the_bytes_of_the_inputs() -> None:
    def sums(x: np.ndarray) -> np.ndarray:
        return x.reshape(len(x), -1).sum(1)

    for shape, batch_size in [((4,), 4096), ((1024,), 4096), ((224, 224, 3), 27), ((4096, 4096), 1)]:
        inputs = tf.zeros((1, *shape))
        assert PythonModel(sums, inputs, np.dtype(np.float32)).batch_size == batch_size
        assert PythonModel(sums, inputs, np.dtype(np.float32), 7).batch_size == 7


def test_dicts_and_lists_go_in_and_come_out() -> None:
    inputs = {"b": X, "a": X.astype(np.float32)}
    asked = Asked(lambda batch: {"kind": probabilities(batch["a"] + batch["b"]), "age": batch["b"].sum(1)})
    found = tba.explain(asked, inputs, Without(), tba.targets.Output("kind", 2))
    assert [{name: one.dtype.name for name, one in batch.items()} for batch in asked.batches[:1]] == [
        {"a": "float32", "b": "float64"}
    ]
    wanted = expected(lambda x: probabilities(2 * x)[:, 2])
    for name in ("a", "b"):
        np.testing.assert_allclose(found.scores[name], wanted, atol=1e-6)
    as_list = Asked(lambda batch: [batch[0].sum(1), probabilities(batch[0] + batch[1])])
    found = tba.explain(as_list, [X, X], Without(), tba.targets.Output(1, 2))
    np.testing.assert_allclose(found.scores[0], wanted, atol=1e-6)
    by_function = tba.explain(asked, inputs, Without(), lambda y: y["age"] * y["kind"][:, 0])
    np.testing.assert_allclose(by_function.outputs, X.sum(1) * probabilities(2 * X)[:, 0], atol=1e-5)


def test_lists_of_numbers_tensors_and_a_reused_buffer_are_arrays() -> None:
    buffer = np.empty((1000, 3))

    def reused(x: np.ndarray) -> np.ndarray:
        buffer[: len(x)] = probabilities(x)
        return buffer[: len(x)]

    wanted = tba.explain(probabilities, X, Without(), batch_size=4).scores
    for function in (lambda x: probabilities(x).tolist(), lambda x: tf.constant(probabilities(x)), reused):
        np.testing.assert_array_equal(tba.explain(function, X, Without(), batch_size=4).scores, wanted)


def test_a_callable_that_changes_its_batch_changes_nothing_else() -> None:
    def changing(x: np.ndarray) -> np.ndarray:
        found = probabilities(x)
        x[:] = 7
        return found

    before = X.copy()
    found = tba.explain(changing, X, Without()).scores
    np.testing.assert_array_equal(found, tba.explain(probabilities, X, Without()).scores)
    np.testing.assert_array_equal(X, before)


def test_scores_and_logits_need_a_column_and_have_margins() -> None:
    def scores(x: np.ndarray) -> np.ndarray:
        return x @ WEIGHTS

    found = tba.explain(scores, X, Without(), 1)
    np.testing.assert_allclose(found.scores, X * WEIGHTS[:, 1], atol=1e-6)
    margins = tba.explain(scores, X, Without(), 1, output="margin")
    np.testing.assert_allclose(margins.scores, X * (WEIGHTS[:, 1] - WEIGHTS[:, [0, 2]].mean(1)), atol=1e-6)
    best = tba.explain(scores, X, Without(), "predicted")
    np.testing.assert_allclose(best.outputs, scores(X).max(1), atol=1e-6)


def test_a_contrast_of_probabilities_is_their_difference() -> None:
    found = tba.explain(probabilities, X, Without(), tba.targets.Contrast(0, "runner_up"))
    p = probabilities(X)
    np.testing.assert_allclose(found.outputs, p[:, 0] - p[:, 1:].max(1), atol=1e-6)


def test_a_graph_gives_the_same_and_names_the_scalar() -> None:
    inputs = tf.constant(X.astype(np.float32))
    network = PythonModel(probabilities, inputs, np.dtype(np.float64), 5)
    target = targets.resolve(None, network.heads, examples=6, output="as_is")
    assert (target.scalar, target.name) == ("as_is", "predicted")
    compiled = Compiled(network, inputs, {"it": Job(Without(), target)})
    results = compiled()
    assert compiled.traces == 1
    np.testing.assert_array_equal(results.attributions["it"].scores, tba.explain(probabilities, X, Without()).scores)
    np.testing.assert_allclose(results.predictions["it"], probabilities(X), atol=1e-6)


@pytest.mark.parametrize("method", ["saliency", tba.methods.IntegratedGradients(baseline=0.0), "smooth_grad"])
def test_methods_with_gradients_are_refused_before_the_callable_works_for_them(method: Any) -> None:
    asked = Asked()
    with pytest.raises(ValueError, match=r"'Asked' is a plain callable and has no gradients: .* KernelSHAP"):
        tba.explain(asked, X, method)
    assert len(asked.batches) == 1


def test_methods_at_a_layer_are_refused() -> None:
    with pytest.raises(ValueError, match="a plain function has no layers to tap"):
        tba.explain(probabilities, X, "grad_cam")


def by_call(*answers: Callable[[np.ndarray], Any]) -> Callable[[np.ndarray], Any]:
    """Answers by the number of the call; the last one stays."""
    left = list(answers)

    def model(x: np.ndarray) -> Any:
        return (left.pop(0) if len(left) > 1 else left[0])(x)

    return model


def failing(x: np.ndarray) -> np.ndarray:
    raise ConnectionError("no route to host")


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (lambda x: None, r"model '<lambda>' returned None; return an array \[rows\] or \[rows, columns\]"),
        (lambda x: 0.5, r"returned shape \[\] for 1 row; the first axis must be the rows .* squeeze"),
        (lambda x: probabilities(x)[0], r"returned shape \[3\] for 1 row; .*\[1\] or \[1, columns\]"),
        (lambda x: list(probabilities(x)), r"returned as output 0 shape \[3\] for 1 row; .*return np.stack"),
        (lambda x: probabilities(x).argmax(1), r"returned int64\[1\]: classes or counts, .*predict_proba in place of"),
        (lambda x: np.array(["cat"] * len(x)), r"returned str96\[1\]: classes"),
        (lambda x: [{"cat": 0.5}] * len(x), r"returned a list that is no array of floats"),
        (lambda x: {"kind": x.argmax(1)}, r"returned as output 'kind' int64\[1\]: classes"),
        (lambda x: np.log(0 * probabilities(x)), r"NaN or infinity for 1 of 1 rows, the first of them row 0"),
        (by_call(probabilities, lambda x: probabilities(x)[:-1]), r"returned shape \[5, 3\] for 6 rows"),
        (
            by_call(probabilities, lambda x: np.where(np.arange(6)[:, None] == 4, np.nan, probabilities(x))),
            r"NaN or infinity for 1 of 6 rows, the first of them row 4 of this call",
        ),
        (
            by_call(probabilities, lambda x: probabilities(x)[:, :2]),
            r"returned float64\[rows, 2\], after float64\[rows, 3\] at its first call",
        ),
        (by_call(probabilities, lambda x: probabilities(x).astype("f")), r"float32\[rows, 3\], after float64\[rows"),
        (by_call(probabilities, lambda x: {"a": probabilities(x)}), r"returned 'a': float64\[rows, 3\], after float64"),
        (failing, r"'failing' fails on rows 0 to 0 .*as float64\[1, 4\]: ConnectionError: no route to host$"),
        (
            by_call(probabilities, probabilities, failing),
            r"fails on rows 7 to 30 .*float64\[24, 4\]: ConnectionError: no route",
        ),
    ],
)
def test_what_a_callable_does_wrong_is_named(model: Callable[[Any], Any], words: str) -> None:
    with pytest.raises((ValueError, RuntimeError), match=words), np.errstate(divide="ignore"):
        tba.explain(model, X, Without())


def test_what_the_callable_raised_is_the_cause_and_too_little_memory_has_a_fix() -> None:
    def too_large(x: np.ndarray) -> np.ndarray:
        raise MemoryError

    with pytest.raises(RuntimeError, match="MemoryError: ; pass a smaller batch_size") as caught:
        tba.explain(too_large, X, Without())
    assert isinstance(caught.value.__cause__, MemoryError)


def test_an_interrupt_is_an_interrupt() -> None:
    def interrupted(x: np.ndarray) -> np.ndarray:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tba.explain(by_call(probabilities, interrupted), X, Without())


FOREST = RandomForestClassifier(2, random_state=0)


@pytest.mark.parametrize(
    ("model", "inputs", "arguments", "words"),
    [
        (FOREST, X, {}, r"model must be a keras.Model or a callable .*got RandomForest.*pass model.predict_proba"),
        (RandomForestClassifier, X, {}, r"model must be a keras.Model or a callable"),
        (probabilities, X, {"output": "margin"}, r"output='margin' needs logits, and the callable returns prob"),
        (probabilities, X, {"output": "logits"}, r"output='logits' needs logits, .*decision_function"),
        (probabilities, X, {"output": "p"}, r"output must be one of"),
        (probabilities, X, {"target": 3}, r"index 3, but the model's output has 3 classes"),
        (lambda x: x @ WEIGHTS, X, {}, r"3 columns that are no probabilities.*target=<column>"),
        (lambda x: [x @ WEIGHTS, x[:, 0]], X, {}, r"several outputs \[0, 1\]: pass target="),
        (lambda x: x[:, :, None], X, {}, r"output 0 is float64\[1, 4, 1\], not \[batch, columns\]"),
        (probabilities, np.array([["a", "b"]]), {}, r"inputs hold strings, and what is switched .* numbers"),
        (probabilities, np.full((1, 4), 2**25), {}, r"whole numbers above 16,777,216"),
        (probabilities, X, {"method": Without}, r"Without\(\), with its parentheses"),
    ],
)
def test_errors_name_the_argument(model: Any, inputs: Any, arguments: dict[str, Any], words: str) -> None:
    arguments = {"method": Without()} | arguments
    with pytest.raises((ValueError, TypeError), match=words):
        tba.explain(model, inputs, **arguments)


@pytest.mark.parametrize(
    "times",
    [[[1.6e9 + 3.25, 2.0]], [[1.6e9 + 3.25, 2.0], [1.6e9, 1.0]], [[1000.0001, 2.0], [1000.0002, 1.0]]],
    ids=["one row", "seconds", "close"],
)
def test_float64_that_float32_does_not_tell_apart(times: list[list[float]]) -> None:
    with pytest.raises(ValueError, match=r"inputs hold 1\d+\.\d+, and scores are of float32, .* subtract an offset"):
        tba.explain(lambda x: x[:, 0], np.array(times), tba.methods.FeatureAblation(baseline=0.0))
    tba.explain(lambda x: x[:, 0], np.array(times, np.float32), tba.methods.FeatureAblation(baseline=0.0))


def test_float64_that_rounding_leaves_apart() -> None:
    third = np.full(3, 0.1) * [1, 1 + 1e-16, 1 - 1e-16]  # noise of float64 is no difference
    rows = np.stack([third, [123456789.12, 223456789.0, 0.0]], 1)
    assert tba.explain(lambda x: x[:, 0], rows, tba.methods.FeatureAblation(baseline=0.0)).scores.shape == (3, 2)


def test_whole_numbers_stay_whole() -> None:
    whole = np.arange(24).reshape(6, 4)
    with pytest.raises(ValueError, match=r"asks for the model at 0\.5, which inputs of dtype int64 cannot hold"):
        tba.explain(probabilities, whole, Without(value=0.5))
    with pytest.raises(ValueError, match=r"asks for the model at -1, which inputs of dtype uint8 cannot hold"):
        tba.explain(probabilities, whole.astype(np.uint8), Without(value=-1.0))


def test_a_torch_module_is_told_from_a_callable() -> None:
    module = type(
        "Linear", (type("Module", (), {"__module__": "torch.nn.modules.module"}),), {"__call__": probabilities}
    )
    with pytest.raises(TypeError, match=r"Linear takes torch tensors .*lambda x: model\(torch.from_numpy\(x\)\)"):
        tba.explain(module(), X, Without())


def test_a_slow_callable_shows_how_far_it_is(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    """Five calls of 6 rows, 10 seconds each."""
    times = itertools.count(0.0, 10.0)
    monkeypatch.setattr(python_model, "Progress", functools.partial(Progress, clock=lambda: next(times)))
    tba.explain(probabilities, X, Without(), batch_size=6)
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err == "attribution: without: 18 of 30 rows, 0.6 rows/s, 20 s left\n"
