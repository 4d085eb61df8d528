"""Models of series."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tests.zoo.images import softmax
from tests.zoo.specimen import EXAMPLES, Specimen, series

L = keras.layers


def lstm() -> keras.Model:
    return keras.Sequential([keras.Input((7, 3)), L.LSTM(5, name="lstm"), softmax()])


def padded() -> np.ndarray:
    """[EXAMPLES, 7, 3]; the second and the fourth end in zeros, which Masking leaves out."""
    x = series()
    x[1, 4:] = x[3, 6:] = 0
    return x


def masked_gru() -> keras.Model:
    return keras.Sequential([keras.Input((7, 3)), L.Masking(name="masking"), L.GRU(3, name="gru"), softmax()])


def with_mask_of_inputs(model: keras.Model, inputs: Any, x: Any) -> Any:
    """Along a path the steps that are left out stay those of the inputs."""
    mask = tf.reduce_any(inputs != 0, -1)
    return model.get_layer("head")(model.get_layer("gru")(tf.where(mask[..., None], x, 0), mask=mask))


def causal() -> keras.Model:
    layers = [keras.Input((7, 3)), L.Conv1D(4, 3, activation="relu", padding="causal"), L.MaxPooling1D(2)]
    return keras.Sequential([*layers, L.Conv1D(4, 2, activation="gelu", name="conv"), L.Flatten(), softmax()])


def frames() -> keras.Model:
    picture = keras.Sequential([L.Conv2D(3, 3, activation="relu"), L.GlobalAveragePooling2D()])
    recurrent = L.SimpleRNN(4, return_sequences=True, name="rnn")
    return keras.Sequential(
        [keras.Input((4, 6, 6, 2)), L.TimeDistributed(picture), recurrent, L.GlobalAveragePooling1D(), softmax()]
    )


def clips() -> np.ndarray:
    return np.random.default_rng(5).random((EXAMPLES, 4, 6, 6, 2), np.float32)


SPECIMENS = {
    "lstm": Specimen(lstm, series, layer="lstm"),
    "masked_gru": Specimen(masked_gru, padded, layer="gru", forward=with_mask_of_inputs),
    "causal_conv": Specimen(causal, series, "conv"),
    "time_distributed": Specimen(frames, clips, "rnn"),
}
