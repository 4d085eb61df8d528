"""Trains the same network twice: with a watermark on one class ("watermark"), and without it ("control").

Usage: python demo/watermark.py --logdir runs

Both runs explain the same eight validation images while they learn: six of the marked class and two others, all with
the mark, so that the corner holds the same pixels in both runs. For each seed the runs are `<logdir>/seed-N/watermark`
and `<logdir>/seed-N/control`.
"""

from __future__ import annotations

import argparse
import pathlib
import shutil

import data
import keras
import numpy as np
import shares

import tb_attribution_plugin as tba

EPOCHS = 5
BATCH = 64


def build_model() -> keras.Model:
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((data.SIDE, data.SIDE, 1)),
            layers.Conv2D(16, 5, strides=2, padding="same", activation="relu", name="conv1"),
            layers.Conv2D(32, 3, padding="same", activation="relu", name="conv2"),
            layers.MaxPooling2D(),
            layers.Conv2D(64, 3, padding="same", activation="relu", name="conv3"),
            layers.AveragePooling2D(2),
            layers.GlobalMaxPooling2D(),  # Grad-CAM averages gradients over places: a Flatten head would defeat it
            layers.Dense(10, activation="softmax"),
        ]
    )
    rate = keras.optimizers.schedules.CosineDecay(3e-3, decay_steps=EPOCHS * 4000 // BATCH)
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def build_probe(validation: data.Split) -> tba.Probe:
    of_class = np.flatnonzero(validation.digits == data.MARKED_CLASS)[:6]
    others = np.flatnonzero(validation.digits != data.MARKED_CLASS)[:2]
    chosen = np.concatenate([of_class, others])
    return tba.Probe(
        data.mark(validation.images[chosen]),
        validation.digits[chosen],
        names=[f"{validation.digits[i]}, image {i}" for i in chosen],
        class_names=[str(digit) for digit in range(10)],
        regions={"corner": np.array(data.CORNER)},
    )


def train(log_dir: pathlib.Path, training: data.Split, validation: data.Split, probe: tba.Probe, seed: int) -> None:
    keras.utils.set_random_seed(seed)
    model = build_model()
    attribution = tba.AttributionCallback(
        log_dir,
        probe,
        methods=["integrated_gradients", "grad_cam"],
        max_overhead=None,  # the same steps on slow and on fast machines
    )
    model.fit(
        training.images,
        training.digits,
        batch_size=BATCH,
        epochs=EPOCHS,
        validation_data=validation,
        callbacks=[attribution],
        verbose=2,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--logdir", type=pathlib.Path, default=pathlib.Path("runs"))
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3], metavar="N")
    arguments = parser.parse_args()
    for count, seed in enumerate(arguments.seeds, start=1):
        log_dir = arguments.logdir / f"seed-{seed}"
        if log_dir.exists():
            print(f"{log_dir} is of an earlier demo and is replaced")
            shutil.rmtree(log_dir)
        plain = data.load(seed)
        probe = build_probe(plain[1])
        marked = data.mark_one_class(plain[0]), data.mark_one_class(plain[1])
        for run, (training, validation) in {"watermark": marked, "control": plain}.items():
            print(f"\n== seed {seed} ({count} of {len(arguments.seeds)}): {run}", flush=True)
            train(log_dir / run, training, validation, probe, seed)
    print()
    shares.report(arguments.logdir)


if __name__ == "__main__":
    main()
