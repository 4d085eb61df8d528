"""Methods that switch features off as they are defined: plain calls of the model in float64, coalitions by force."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Callable, Sequence

import keras
import numpy as np
import tensorflow as tf

from tests.oracle import definitions
from tests.oracle.coarse import PAIRS, ROWS, places_of, segments, side_of
from tests.zoo.specimen import EXAMPLES, Specimen, Structure

Coalition = tuple[bool, ...]


def occlusion(specimen: Specimen, model: keras.Model) -> Structure:
    """Mean over the windows that cover a place of f(x) - f(x with the window at the baseline)."""
    inputs = tf.nest.map_structure(tf.constant, specimen.inputs())
    ends, side = specimen.features(model, inputs), side_of(specimen.inputs())
    flat, step = tf.nest.flatten(ends), -(-side // 2)
    found = []
    for number, (array, end) in enumerate(zip(tf.nest.flatten(inputs), flat, strict=True)):
        places = places_of(array)
        windows = []
        for corner in itertools.product(*(range(0, axis - side + step, step) for axis in places)):
            covered = np.zeros(places, bool)
            covered[tuple(slice(at, at + side) for at in corner)] = True
            windows.append(covered)
        every = [[~covered if one == number else np.array(True) for one in range(len(flat))] for covered in windows]
        losses = _whole(specimen, model) - _values(specimen, model, definitions.baselines(inputs), every)
        covers = np.array(windows, float)
        means = np.einsum("wb,w...->b...", losses, covers) / covers.sum(0)
        is_text = end.shape.rank > array.shape.rank
        found.append(means if is_text else np.broadcast_to(_wide(means, end), end.shape))
    return tf.nest.pack_sequence_as(inputs, found)


def feature_ablation(specimen: Specimen, model: keras.Model) -> Structure:
    """f(x) - f(x with the segment at the baseline)."""
    inputs = tf.nest.map_structure(tf.constant, specimen.inputs())
    numbers = range(_count(specimen))
    without = [_present(specimen, model, tuple(k != missing for k in numbers)) for missing in numbers]
    values = _values(specimen, model, definitions.baselines(inputs), without)
    return _shared(specimen, model, (_whole(specimen, model) - values).T)


def exact_shapley(specimen: Specimen, model: keras.Model) -> Structure:
    """Absent features come from the probe itself; of texts, the padding."""
    return _shared(specimen, model, shapley(game(specimen, model, EXAMPLES, False)))


def kernel_shap(specimen: Specimen, model: keras.Model) -> Structure:
    """With more samples than there are coalitions, the Shapley values."""
    return _shared(specimen, model, shapley(game(specimen, model, ROWS, True)))


def permutation_shapley(specimen: Specimen, model: keras.Model) -> Structure:
    """Means over the orders that NumPy draws from seed 0 for the segments that an example has, and their reverses."""
    values, owners = game(specimen, model, ROWS, True), _owners(specimen, model)
    scores = np.zeros((EXAMPLES, _count(specimen)))
    for example in range(EXAMPLES):
        players = sorted({int(k) for one in owners for k in np.unique(one[example]) if k >= 0})
        random = np.random.default_rng(0)
        drawn = [random.permutation(players) for _ in range(PAIRS)]
        for order in [*drawn, *(one[::-1] for one in drawn)]:
            # Segments that an example lacks change nothing.
            present = [k not in players for k in range(_count(specimen))]
            for k in order:
                before = values[tuple(present)][example]
                present[k] = True
                scores[example, k] += (values[tuple(present)][example] - before) / (2 * PAIRS)
    return _shared(specimen, model, scores)


def shapley(values: dict[Coalition, np.ndarray]) -> np.ndarray:
    """[B, players]: sum over S without k of |S|! (n - |S| - 1)! / n! (v(S + k) - v(S))."""
    count = len(next(iter(values)))
    scores = np.zeros((EXAMPLES, count))
    for one, k in itertools.product(values, range(count)):
        if not one[k]:
            weight = math.factorial(sum(one)) * math.factorial(count - sum(one) - 1) / math.factorial(count)
            scores[:, k] += weight * (values[(*one[:k], True, *one[k + 1 :])] - values[one])
    return scores


@functools.cache
def game(specimen: Specimen, model: keras.Model, rows: int, words: bool) -> dict[Coalition, np.ndarray]:
    """Of every coalition, [B]: the mean over the first `rows` of the probe; `words`: of texts too."""

    def row(tensor: tf.Tensor, k: int) -> tf.Tensor:
        is_text = tensor.dtype in (tf.string, tf.int32)
        return tf.zeros_like(tensor) if is_text and not words else tf.gather(tensor, [k] * EXAMPLES)

    inputs = tf.nest.map_structure(tf.constant, specimen.inputs())
    starts = [tf.nest.map_structure(functools.partial(row, k=k), inputs) for k in range(rows)]
    every = list(itertools.product([False, True], repeat=_count(specimen)))
    values = _values(specimen, model, starts, [_present(specimen, model, one) for one in every])
    return dict(zip(every, values, strict=True))


SWITCHED: dict[str, Callable[[Specimen, keras.Model], Structure]] = {
    "ExactShapley": exact_shapley,
    "FeatureAblation": feature_ablation,
    "KernelSHAP": kernel_shap,
    "Occlusion": occlusion,
    "PermutationShapley": permutation_shapley,
}


def _count(specimen: Specimen) -> int:
    return 1 + max(int(ids.max()) for ids in tf.nest.flatten(segments(specimen.inputs())))


def _whole(specimen: Specimen, model: keras.Model) -> np.ndarray:
    inputs = tf.nest.map_structure(tf.constant, specimen.inputs())
    features = specimen.features(model, inputs)
    return definitions.value(specimen, specimen.forward(model, inputs, features)).numpy()


def _values(
    specimen: Specimen, model: keras.Model, starts: Sequence[Structure], masks: Sequence[Sequence[np.ndarray]]
) -> np.ndarray:
    """[masks, B] means over the starts; of each mask, how far every input is present, [B or 1, *places] or less."""
    inputs = tf.nest.map_structure(tf.constant, specimen.inputs())
    ends = tf.nest.flatten(specimen.features(model, inputs))
    others = [tf.nest.flatten(specimen.features(model, one)) for one in starts]
    rows = []
    for mask, other in itertools.product(masks, others):
        rows.append([o + _wide(m, e) * (e - o) for m, e, o in zip(mask, ends, other, strict=True)])
    joined = [tf.constant(np.concatenate(of_input)) for of_input in zip(*rows, strict=True)]
    features = tf.nest.pack_sequence_as(inputs, joined)
    outputs = specimen.forward(model, definitions.copied(inputs, len(rows)), features)
    found = definitions.value(specimen, outputs, len(rows)).numpy()
    return found.reshape(len(masks), len(starts), -1).mean(1)


def _wide(places: np.ndarray, feature: tf.Tensor) -> np.ndarray:
    """With an axis of channels where the feature has one."""
    return places[..., None] if places.ndim > 0 and feature.shape.rank > 2 else places


def _present(specimen: Specimen, model: keras.Model, members: Coalition) -> list[np.ndarray]:
    """What has no segment stays."""
    return [np.array([*members, True])[one] for one in _owners(specimen, model)]


@functools.cache
def _owners(specimen: Specimen, model: keras.Model) -> list[np.ndarray]:
    """The segment of every place, [B, *places]; -1 for the padding of texts; one number is a category, 0 too."""
    inputs = tf.nest.map_structure(tf.constant, specimen.inputs())
    padding = specimen.features(model, tf.nest.map_structure(tf.zeros_like, inputs))
    flat = (specimen.features(model, inputs), padding, inputs, segments(specimen.inputs()))
    found = []
    for end, empty, array, ids in zip(*map(tf.nest.flatten, flat), strict=True):
        own = np.broadcast_to(ids, (EXAMPLES, *ids.shape[1:]))
        is_text = array.dtype in (tf.string, tf.int32) and math.prod(own.shape[1:]) > 1
        found.append(np.where(np.all(end == empty, -1), -1, own) if is_text else own)
    return found


def _shared(specimen: Specimen, model: keras.Model, scores: np.ndarray) -> Structure:
    """Each segment's score [B, segments], shared equally by its features."""
    inputs = tf.nest.map_structure(tf.constant, specimen.inputs())
    ends = specimen.features(model, inputs)
    owners = [
        np.broadcast_to(_wide(owner, end), end.shape)
        for owner, end in zip(_owners(specimen, model), tf.nest.flatten(ends), strict=True)
    ]
    found = [np.zeros(owner.shape) for owner in owners]
    for example, k in np.ndindex(scores.shape):
        size = sum((owner[example] == k).sum() for owner in owners)
        for owner, one in zip(owners, found, strict=True):
            one[example][owner[example] == k] = scores[example, k] / max(size, 1)
    return definitions.onto_inputs(tf.nest.pack_sequence_as(inputs, [tf.constant(one) for one in found]), inputs)
