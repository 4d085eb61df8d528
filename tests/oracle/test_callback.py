"""What a fit logs is what the methods compute, up to the stored precision."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

import tb_attribution_plugin as tba
from tb_attribution_plugin.logging.reader import read_runs
from tb_attribution_plugin.training.keras_model import KerasModel
from tests.oracle.test_every_kind import METHODS, PAIRS, SAMPLE, compiled, inputs_of, made
from tests.zoo import ZOO
from tests.zoo.specimen import LABELS

# One of each modality, several inputs, and another precision with moving statistics. One byte a value where maps have
# two axes and where they have one: on grids of every size that these methods give.
IN_BYTES = ("Saliency", "GradCAM", "KernelSHAP")
LOGGED = {
    "functional_cnn": ["float32", "uint8"],
    "mixed_float16": ["float32"],
    "two_inputs": ["float32"],
    "tokens_mask_zero": ["float32", "uint8"],
    "causal_conv": ["float32"],
}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in SAMPLE else pytest.mark.once) for name in LOGGED]
)
def test_logged_maps_are_those_of_the_weights_that_the_model_has_then(name: str, tmp_path: Path) -> None:
    specimen, model = ZOO[name], ZOO[name].made()
    inputs, regression = specimen.inputs(), specimen.head == "value"
    names = [one for one in METHODS if (one, name) in PAIRS]
    chosen = [made(one, name) for one in names]
    loss = "mse" if regression else "sparse_categorical_crossentropy"
    # A scaled loss overflows in half precision at first, and the step is left out.
    model.compile("sgd", loss, jit_compile=False, auto_scale_loss=False)
    options: dict[str, Any] = {"update_freq": 1, "channels": True, "on_error": "raise"}
    logged = {"float32": chosen, "uint8": [one for one in chosen if type(one).__name__ in IN_BYTES]}
    callbacks = [
        tba.AttributionCallback(tmp_path, (inputs, LABELS), store=store, name=store, methods=logged[store], **options)
        for store in LOGGED[name]
    ]
    model.fit(inputs, LABELS.astype(np.float32 if regression else np.int64), verbose=0, callbacks=callbacks)
    runs = read_runs(str(tmp_path))
    assert [one for run in runs.values() for one in run.problems] == []
    expected = compiled(name, KerasModel(model, inputs_of(name)), names)().attributions
    for method in chosen:
        scores = expected[type(method).__name__].scores
        stored = {store: runs[store].series for store in LOGGED[name] if method.name in runs[store].series}
        maps = {store: series[method.name].maps(1).scores for store, series in stored.items()}
        for place, one in enumerate(tf.nest.flatten(scores)):
            if name == "causal_conv" and hasattr(method, "layer") and one.ndim == 3:
                one = one.sum(-1)  # channels of a layer are none of a series, and always summed
            if getattr(method, "per_place", False) and one.ndim > 2:
                assert np.all(one == one[..., :1])
                one = one[..., 0]  # what all channels of a place have is logged once
            floats = maps["float32"][place].reshape(one.shape)
            np.testing.assert_allclose(floats, one, rtol=0, atol=1e-6 * np.abs(one).max())
            if "uint8" not in maps:
                continue
            size = np.abs(one).reshape(len(one), -1)
            error = np.abs(maps["uint8"][place].reshape(one.shape) - one).reshape(len(one), -1)
            # Within 1% of the map's 99th percentile below it.
            knee = np.percentile(size, 99, axis=1, keepdims=True)
            assert np.all(error[size <= knee] <= np.broadcast_to(0.01 * knee, size.shape)[size <= knee])
