"""How well LIME's ranking of segments agrees with that of the package lime, and lime's with itself.

Both explain a probability of the same small network on digits of 16 x 16, cut into 8 x 8 segments, at 1,000 samples. A
cell is the median over all pairs of seeds of Spearman's rank correlation of the 64 coefficients.

Usage, beside the other tools (`make bench-peers` installs them): .venv-peers/bin/python -m benchmarks.lime_agreement
"""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Iterable

import keras
import numpy as np

import tb_attribution_plugin as tba
from benchmarks import tables

SEEDS = 20
EXAMPLES = 3
SAMPLES = 1000
# [1, 16, 16, 1], ids of 8 x 8 segments
SEGMENTS = (np.arange(16)[:, None] // 2 * 8 + np.arange(16) // 2)[None, :, :, None]


def digits() -> tuple[keras.Model, np.ndarray, np.ndarray]:
    """A trained network with its probabilities, and pictures with their classes that it has not seen."""
    from sklearn.datasets import load_digits

    found = load_digits()
    images = np.repeat(np.repeat(found.images / 16, 2, 1), 2, 2)[..., None].repeat(3, -1).astype(np.float32)
    keras.utils.set_random_seed(0)
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((16, 16, 3)),
            layers.Conv2D(16, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(32, 3, activation="relu"),
            layers.Flatten(),
            layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(images[EXAMPLES:], found.target[EXAMPLES:], epochs=8, verbose=0)
    return model, images[:EXAMPLES], found.target[:EXAMPLES]


def ours(model: keras.Model, images: np.ndarray, classes: np.ndarray, seed: int) -> np.ndarray:
    """[examples, 64]"""
    off = tba.perturbations.OnOff(baseline=0.0)
    method = tba.methods.LIME(segments=SEGMENTS, samples=SAMPLES, perturbation=off, seed=seed)
    found: np.ndarray = tba.explain(model, images, method, classes, output="as_is").segment_scores
    return found


def of_lime(model: keras.Model, images: np.ndarray, classes: np.ndarray, seed: int) -> np.ndarray:
    """[examples, 64]"""
    from lime.lime_image import LimeImageExplainer

    def probabilities(batch: np.ndarray) -> np.ndarray:
        return np.asarray(model.predict_on_batch(np.asarray(batch)))

    rows = []
    for image, label in zip(images, classes, strict=True):
        explanation = LimeImageExplainer(random_state=seed).explain_instance(
            image.astype(np.float64),  # the package averages in the dtype of the picture
            probabilities,
            labels=(label,),
            top_labels=None,
            hide_color=0,
            num_samples=SAMPLES,
            batch_size=SAMPLES,
            segmentation_fn=lambda image: SEGMENTS[0, :, :, 0],
        )
        rows.append([weight for _, weight in sorted(explanation.local_exp[label])])
    return np.array(rows)


def agreement(pairs: Iterable[tuple[np.ndarray, np.ndarray]]) -> str:
    """Median rank correlation."""
    from scipy.stats import spearmanr

    return f"{statistics.median(float(spearmanr(*pair).statistic) for pair in pairs):.3f}"


def main() -> None:
    case = digits()
    here = np.stack([ours(*case, seed) for seed in range(SEEDS)])
    there = np.stack([of_lime(*case, seed) for seed in range(SEEDS)])
    tables.head(["example", "ours with lime", "lime with lime", "ours with ours"])
    for example in range(EXAMPLES):
        some, others = here[:, example], there[:, example]
        cells = [
            agreement(itertools.product(some, others)),
            agreement(itertools.combinations(others, 2)),
            agreement(itertools.combinations(some, 2)),
        ]
        tables.row([example, *cells])


if __name__ == "__main__":
    main()
