"""A real fit with the callback, then what it logged as JSON.

`fit.py LOGDIR` prints {"maps": {step: maps of the probe}, "counts": the histograms of all steps added,
"warm": {step: whether BatchNorm's statistics have caught up}}.
"""

from __future__ import annotations

import json
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")

import keras
import numpy as np

import tb_attribution_plugin as tba
from tb_attribution_plugin.logging.reader import read_runs

SIDE = 16


def data(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Noise with one bright quarter per class, [count, 16, 16, 3]."""
    labels = np.arange(count) % 3
    images = np.random.default_rng(0).random((count, SIDE, SIDE, 3)).astype(np.float32) * 0.3
    for image, label in zip(images, labels, strict=True):
        image[: SIDE // 2, : SIDE // 2] += 0.7 * (label == 0)
        image[SIDE // 2 :, : SIDE // 2] += 0.7 * (label == 1)
        image[:, SIDE // 2 :] += 0.7 * (label == 2)
    return images, labels


def main(logdir: str) -> None:
    keras.utils.set_random_seed(0)
    images, labels = data(96)
    model = keras.Sequential(
        [
            keras.Input((SIDE, SIDE, 3)),
            # Far from the mean 0 and variance 1 that the moving statistics start with: they lag for the whole fit.
            keras.layers.Rescaling(10.0, 5.0),
            keras.layers.Conv2D(8, 3, strides=2, activation="relu", padding="same", name="features"),
            keras.layers.BatchNormalization(),
            keras.layers.Flatten(),
            keras.layers.Dense(3, activation="softmax"),
        ]
    )
    model.compile(keras.optimizers.Adam(1e-2), "sparse_categorical_crossentropy", metrics=["accuracy"])
    probe = tba.Probe(images[:4], labels[:4], class_names=["top left", "bottom left", "right"])
    methods = ["integrated_gradients", tba.methods.GradCAM(layer="features")]
    callback = tba.AttributionCallback(
        os.path.join(logdir, "fit"), probe, methods=methods, update_freq=4, max_overhead=None, on_error="raise"
    )
    model.fit(images, labels, epochs=2, batch_size=16, verbose=0, callbacks=[callback])
    run = read_runs(logdir)["fit/attribution"]
    series = run.series["integrated_gradients"]
    maps = {step: series.maps(step).scores[0].astype(float).tolist() for step in series.steps}
    moving, debiased = (
        {point.step: point.value for point in run.scalars[f"batchnorm/accuracy_{kind}"]}
        for kind in ("moving", "debiased")
    )
    warm = {step: moving[step] == debiased[step] for step in series.steps}
    counts = np.sum([series.histogram(step) for step in series.steps], 0).tolist()
    print(json.dumps({"maps": maps, "counts": counts, "warm": warm}))


if __name__ == "__main__":
    main(sys.argv[1])
