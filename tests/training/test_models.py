"""Models that hold state, read ids twice, take strings, or have several heads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

import tb_attribution_plugin as tba
from tb_attribution_plugin.logging.reader import read_runs
from tb_attribution_plugin.training.keras_model import KerasModel

layers = keras.layers
RNG = np.random.default_rng(0)
TABLE = RNG.normal(size=(48, 8)).astype(np.float32)
IDS = RNG.integers(1, 20, (3, 6)).astype(np.int32)


class Sampling(layers.Layer):
    """Noise from a generator of its own, in inference too, as a variational autoencoder's."""

    def __init__(self) -> None:
        super().__init__()
        self.generator = keras.random.SeedGenerator(7)

    def call(self, x: Any) -> Any:
        return x + keras.random.normal(keras.ops.shape(x), seed=self.generator)


def sampling() -> keras.Model:
    hidden = layers.Dense(16, activation="relu", activity_regularizer="l2")
    return keras.Sequential([keras.Input((8,)), hidden, Sampling(), layers.Dense(2)])


def test_noise_and_losses_of_a_model_stay_what_they_were() -> None:
    model = sampling()
    model(TABLE[:4])
    network = KerasModel(model, tf.constant(TABLE[:4]))
    saliency = [tba.explain(model, TABLE[:4], "saliency", 0).outputs for _ in range(2)]
    np.testing.assert_array_equal(*saliency)  # the same noise twice
    assert not any(tf.is_symbolic_tensor(loss) for loss in model.losses)
    assert [head.kind for head in network.heads] == ["classes"]


def test_ids_that_two_embeddings_read_are_attributed_through_both() -> None:
    ids = keras.Input((6,), dtype="int32")
    both = layers.Concatenate()([layers.Embedding(20, 4)(ids), layers.Embedding(20, 3)(ids)])
    model = keras.Model(ids, layers.Dense(2)(layers.GlobalAveragePooling1D()(both)))
    found = tba.explain(model, IDS, "integrated_gradients", 1, output="logits")
    change = model.predict(IDS, verbose=0)[:, 1] - model.predict(IDS * 0, verbose=0)[:, 1]
    np.testing.assert_allclose(found.scores.sum(1), change, atol=1e-6)


def test_float_ids_are_ids_and_integer_tables_are_not() -> None:
    ids = keras.Input((6,))
    model = keras.Model(ids, layers.Dense(2)(layers.GlobalAveragePooling1D()(layers.Embedding(20, 4)(ids))))
    as_floats = tba.explain(model, IDS.astype(np.float32), "integrated_gradients", 1, output="logits")
    change = model.predict(IDS, verbose=0)[:, 1] - model.predict(IDS * 0, verbose=0)[:, 1]
    np.testing.assert_allclose(as_floats.scores.sum(1), change, atol=1e-6)
    table = keras.Input((5,), dtype="int32")
    linear = keras.Model(table, layers.Dense(2)(layers.Rescaling(0.5)(table)))
    x = RNG.integers(0, 9, (3, 5)).astype(np.int32)
    found = tba.explain(linear, x, "integrated_gradients", 1, output="logits")
    weights = 0.5 * linear.layers[-1].get_weights()[0][:, 1]
    np.testing.assert_allclose(found.scores, (x - x.mean(0)) * weights, atol=1e-5)  # the baseline is the rows' mean


def test_strings_are_attributed_at_the_embedding_of_their_tokens() -> None:
    vectorise = layers.TextVectorization(50, output_sequence_length=7)
    vectorise.adapt(["good film", "bad film", "a film"])
    model = keras.Sequential(
        [
            keras.Input((), dtype="string"),
            vectorise,
            layers.Embedding(50, 4),
            layers.GlobalAveragePooling1D(),
            layers.Dense(2),
        ]
    )
    texts = np.array(["good film", "a bad film"])
    found = tba.explain(model, texts, "integrated_gradients", 1, output="logits")
    assert found.scores.shape == (2, 7)
    change = model(tf.constant(texts))[:, 1] - model(tf.constant(["", ""]))[:, 1]
    np.testing.assert_allclose(found.scores.sum(1), change, atol=1e-6)
    np.testing.assert_allclose(found.scores[0, 2:], 0, atol=1e-7)  # padding is the baseline


def test_each_output_has_its_own_loss_name_and_predictions(tmp_path: Path) -> None:
    table = keras.Input((8,))
    model = keras.Model(table, [layers.Dense(3, name="box")(table), layers.Dense(1, name="cat")(table)])
    cross_entropy = keras.losses.BinaryCrossentropy(from_logits=True)
    model.compile("sgd", loss={"box": "mse", "cat": cross_entropy}, jit_compile=False)
    heads = KerasModel(model, tf.constant(TABLE[:2])).heads
    assert [(head.kind, head.name) for head in heads] == [("values", "box"), ("binary", "cat")]
    labels = (TABLE[:, 0] > 0).astype(np.int64)
    targets = {"box": tba.targets.Output("box", 2), "cat": tba.targets.Output("cat", "label")}
    callback = tba.AttributionCallback(
        tmp_path, (TABLE[:4], labels[:4]), methods="saliency", target=targets, on_error="raise", update_freq="epoch"
    )
    y = {"box": TABLE[:, :3], "cat": labels[:, None].astype(np.float32)}
    model.fit(TABLE, y, batch_size=16, verbose=0, callbacks=[callback])
    (run,) = read_runs(str(tmp_path)).values()
    box, cat = model.predict(TABLE[:4], verbose=0)
    np.testing.assert_allclose(run.series["saliency/box"].stats(3)["STAT_PREDICTION"], box[:, 2], atol=1e-5)
    p = 1 / (1 + np.exp(-cat[:, 0]))
    of_label = np.where(labels[:4] == 1, p, 1 - p)
    np.testing.assert_allclose(run.series["saliency/cat"].stats(3)["STAT_TARGET_PROBABILITY"], of_label, atol=1e-5)


def test_logs_of_other_callbacks_that_are_no_numbers_are_left_out(tmp_path: Path) -> None:
    class Note(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            logs.update(note="best", nothing=None)

    model = keras.Sequential([keras.Input((8,)), layers.Dense(2, activation="softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy", jit_compile=False)
    y = (TABLE[:, 0] > 0).astype(np.int64)
    callback = tba.AttributionCallback(tmp_path, (TABLE[:4], y[:4]), methods="saliency", on_error="raise")
    model.fit(TABLE, y, verbose=0, callbacks=[Note(), callback])
    (run,) = read_runs(str(tmp_path)).values()
    assert "fit/loss" in run.scalars
    assert not {"fit/note", "fit/nothing"} & set(run.scalars)


def test_an_unused_batch_normalization_does_not_matter(tmp_path: Path) -> None:
    class Model(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.unused = layers.BatchNormalization()
            self.dense = layers.Dense(2, activation="softmax")

        def call(self, x: Any, training: bool = False) -> Any:
            return self.dense(x)

    model = Model()
    model.compile("sgd", "sparse_categorical_crossentropy", jit_compile=False)
    y = (TABLE[:, 0] > 0).astype(np.int64)
    callback = tba.AttributionCallback(tmp_path, (TABLE[:4], y[:4]), methods="saliency", on_error="raise")
    model.fit(TABLE, y, verbose=0, callbacks=[callback])
    (run,) = read_runs(str(tmp_path)).values()
    assert run.series["saliency"].steps[0] == 0


def test_pictures_without_a_convolution_get_saliency_instead_of_grad_cam(tmp_path: Path, capsys: Any) -> None:
    flat = [keras.Input((8, 8, 1)), layers.Flatten(), layers.Dense(2, activation="softmax")]
    model = keras.Sequential(flat)
    model.compile("sgd", "sparse_categorical_crossentropy", jit_compile=False)
    x = RNG.random((16, 8, 8, 1), np.float32)
    y = np.arange(16) % 2
    model.fit(x, y, verbose=0, callbacks=[tba.AttributionCallback(tmp_path, (x[:4], y[:4]), on_error="raise")])
    (run,) = read_runs(str(tmp_path)).values()
    assert sorted(run.series) == ["integrated_gradients", "saliency"]
    assert "Saliency stands in for Grad-CAM" in capsys.readouterr().out
