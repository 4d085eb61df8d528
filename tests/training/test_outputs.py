"""Whatever a model returns: the tensors in it can be explained, and a callable gets all of it."""

from __future__ import annotations

import collections
import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

import tb_attribution_plugin as tba
from tb_attribution_plugin.logging.reader import read_runs
from tb_attribution_plugin.methods.targets import Output
from tests.training import fits

X = fits.table(5)[0]
Pair = collections.namedtuple("Pair", "kind size")


@dataclasses.dataclass
class Returned:
    kind: Any
    size: Any


class Wrapped(keras.Model):
    """Two linear heads in a structure of their own, without a build before the first call."""

    def __init__(self, wrap: Callable[[Any, Any], Any]) -> None:
        super().__init__(name="wrapped")
        self.kind, self.size, self.wrap = keras.layers.Dense(3), keras.layers.Dense(1), wrap

    def call(self, x: Any) -> Any:
        return self.wrap(self.kind(x), self.size(x))


@pytest.mark.parametrize(
    ("wrap", "targets"),
    [
        (lambda k, s: {"parts": {"kind": k, "size": s}}, [Output("parts/kind", 1), lambda y: y["parts"]["kind"][:, 1]]),
        (lambda k, s: [{"kind": k}, [s, s]], [Output("0/kind", 1), Output(0, 1), lambda y: y[0]["kind"][:, 1]]),
        (lambda k, s: Pair(k, s), [Output("kind", 1), Output(0, 1), lambda y: y.kind[:, 1]]),
        (lambda k, s: (None, k), [1, Output(1, 1), lambda y: y[1][:, 1]]),
        (lambda k, s: {"kind": k, "aux": None}, [1, Output("kind", 1), lambda y: y["kind"][:, 1]]),
        (lambda k, s: {"kind": k, "loss": tf.reduce_sum(s)}, [1, Output("kind", 1)]),
        (lambda k, s: {"kind": k, "scale": 2.0, "words": "no tensor"}, [1, lambda y: y["kind"][:, 1] * y["scale"] / 2]),
        (lambda k, s: {"kind": k, "more": tf.sparse.from_dense(s)}, [1, Output("kind", 1)]),
        (lambda k, s: {"kind": k, "more": tf.RaggedTensor.from_tensor(s)}, [1, Output("kind", 1)]),
        (lambda k, s: Returned(k, s), [lambda y: y.kind[:, 1]]),
    ],
    ids=[
        "nested dict",
        "nested list",
        "named tuple",
        "tuple",
        "None",
        "scalar",
        "values",
        "sparse",
        "ragged",
        "object",
    ],
)
def test_one_of_the_tensors_is_explained_in_chunks(wrap: Any, targets: list[Any]) -> None:
    for target in targets:
        model = Wrapped(wrap)
        found = tba.explain(model, X, "saliency", target, output="logits", batch_size=2)
        expected = model.kind.get_weights()[0][:, 1]
        np.testing.assert_allclose(found.scores, np.broadcast_to(expected, X.shape), rtol=1e-6)


@pytest.mark.parametrize(
    ("wrap", "target", "words"),
    [
        (
            lambda k, s: None,
            None,
            r"the model returns None, and no tensor \[batch, \.\.\.\], nor a dict, list or tuple",
        ),
        (
            lambda k, s: Returned(k, s),
            None,
            r"the model returns Returned, .* pass a callable .* target=lambda y: y.logits",
        ),
        (lambda k, s: Returned(k, s), Output("kind"), r"no output 'kind'; outputs: \[\]"),
        (lambda k, s: {}, None, r"the model returns nothing, and no tensor"),
        (lambda k, s: tf.reduce_sum(k), None, r"the model returns float32\(\), and no tensor"),
        (
            lambda k, s: {"a": {"b": k, "c": s}},
            None,
            r"several outputs \['a/b', 'a/c'\]: pass target=tba.targets.Output",
        ),
        (lambda k, s: {"a": {"b": k, "c": s}}, Output("a"), r"no output 'a'; outputs: \['a/b', 'a/c'\]"),
        (lambda k, s: {"a": k, "b": None}, Output("b"), r"output 'b' is None, not \[batch, columns\]"),
        (lambda k, s: {"a": k}, lambda y: y["kind"], r"target '<lambda>' fails on \{'a': .*, 3\)\}: KeyError: 'kind'"),
        (lambda k, s: {"a": k}, lambda y: y, r"must give a tensor, one number per example; it gave \{'a': float32"),
    ],
)
def test_what_cannot_be_explained_is_named_with_the_fix(wrap: Any, target: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        tba.explain(Wrapped(wrap), X, "saliency", target)


def test_each_part_of_a_nested_output_has_the_loss_that_was_compiled_for_it() -> None:
    model = Wrapped(lambda kind, size: {"parts": {"kind": kind, "size": size}})
    binary = keras.losses.BinaryCrossentropy(from_logits=True)
    model.compile("sgd", loss={"parts": {"kind": "mse", "size": binary}})
    margin = tba.explain(model, X, "saliency", Output("parts/size", 0))
    np.testing.assert_allclose(margin.scores, np.broadcast_to(-model.size.get_weights()[0][:, 0], X.shape), rtol=1e-6)


def test_a_fit_of_a_model_that_returns_a_nested_dict_logs_the_target_that_is_named(tmp_path: Path) -> None:
    class Trained(Wrapped):
        def compute_loss(self, x: Any, y: Any, y_pred: Any, *_: Any, **__: Any) -> Any:
            return tf.reduce_mean(keras.losses.sparse_categorical_crossentropy(y, y_pred["parts"]["kind"], True))

    x, y = fits.table()
    model = Trained(lambda kind, size: {"parts": {"kind": kind, "size": size}, "aux": None})
    model.compile("sgd", jit_compile=False)
    target = Output("parts/kind", "label")
    callback = tba.AttributionCallback(
        tmp_path, (x[:5], y[:5]), methods="saliency", target=target, output="logits", update_freq="epoch"
    )
    model.fit(x, y, batch_size=4, verbose=0, callbacks=[callback])
    (run,) = read_runs(str(tmp_path)).values()
    (scores,) = run.series["saliency"].maps(10).scores
    np.testing.assert_allclose(scores, model.kind.get_weights()[0].T[y[:5]], atol=0.02)
