"""How many rows go through a model at once."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from tb_attribution_plugin.training import batch_size as under_test
from tb_attribution_plugin.training.keras_model import KerasModel

# Activations of an example, and of its largest layer: a table, a small picture, MobileNetV2 at 96 and at 224 pixels.
SIZES = [(194, 64), (25_594, 14_400), (3_997_848, 221_184), (21_665_432, 1_204_224)]


@pytest.mark.parametrize(
    ("devices", "rows"), [([], [16384, 128, 32, 6]), (["GPU"], [16384, 128, 32, 12])], ids=["CPU", "GPU"]
)
def test_rows_that_are_evaluated_at_once(devices: list[str], rows: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(under_test.tf.config, "list_logical_devices", lambda kind: devices)
    assert [under_test.best_batch_size(elements, largest) for elements, largest in SIZES] == rows


def test_one_row_is_evaluated_of_what_is_larger_than_all() -> None:
    assert under_test.best_batch_size(2**30, 2**29) == 1


def test_no_tensor_of_a_model_exceeds_32_mib_on_a_cpu() -> None:
    if tf.config.list_logical_devices("GPU"):
        pytest.skip("has a GPU")
    wide = keras.Sequential(
        [keras.Input((64, 64, 3)), keras.layers.Conv2D(256, 3, padding="same"), keras.layers.Flatten()]
    )
    network = KerasModel(wide, tf.constant(np.zeros((2, 64, 64, 3), np.float32)))
    assert network.batch_size * 64 * 64 * 256 * 4 == 2**25
