"""Estimates from masks as they are defined: the masks that our own draw, plain calls of the model in float64."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from tb_attribution_plugin.methods import cells, grids
from tb_attribution_plugin.methods.rows_of_players import in_a_row
from tb_attribution_plugin.methods.segmentation import Segments
from tb_attribution_plugin.methods.soft_masks import SoftMasks
from tests.oracle import definitions, switched
from tests.oracle.coarse import CELLS, DESIGNS, MASKS, ROWS, places_of
from tests.zoo.specimen import EXAMPLES, Specimen, Structure

Arrays = list[np.ndarray]


def rise(specimen: Specimen, model: keras.Model) -> Structure:
    """E[f m] / E[m] - E[f]."""
    features = specimen.features(model, tf.nest.map_structure(tf.constant, specimen.inputs()))
    single = tf.nest.map_structure(lambda feature: tf.cast(feature, tf.float32), features)
    drawn = SoftMasks(grids.resolve(CELLS, single), 0.5, 0).present(tf.range(MASKS), single)
    masks = [
        one.numpy().reshape(MASKS, *places_of(array)).astype(np.float64)
        for one, array in zip(tf.nest.flatten(drawn), tf.nest.flatten(specimen.inputs()), strict=True)
    ]
    values = _under(specimen, model, masks)
    return _spread(
        specimen, [np.tensordot(values, m, (0, 0)) / m.sum(0) - _as_wide(values.mean(0), m) for m in masks], model
    )


def sobol(specimen: Specimen, model: keras.Model) -> Structure:
    """E[(f(A) - f(A with B in k))^2] / (2 var f)."""
    numbers, count = _cells(specimen)
    both = cells.latin(DESIGNS, 2 * count, 0)
    a, b = both[:, :count], both[:, count:]
    mixed = [np.where(np.arange(count) == k, b, a) for k in range(count)]
    values = [_under(specimen, model, [one[:, number] for number in numbers]) for one in (a, b, *mixed)]
    variance = np.concatenate(values[:2]).var(0, ddof=1)
    found = np.array([((values[0] - one) ** 2).mean(0) / 2 / variance for one in values[2:]])
    return _spread(specimen, [found.T[:, number] for number in numbers], model)


def hsic(specimen: Specimen, model: keras.Model) -> Structure:
    """Sums over pairs of masks of K of the cell and L of the values, both with their means taken off."""
    numbers, count = _cells(specimen)
    on = (cells.latin(DESIGNS, count, 0) < 0.5).astype(np.float64)
    values = _under(specimen, model, [on[:, number] for number in numbers])
    centring = np.eye(DESIGNS) - 1 / DESIGNS
    found = np.zeros((EXAMPLES, count))
    for example, k in np.ndindex(found.shape):
        apart = np.abs(np.subtract.outer(values[:, example], values[:, example]))
        width = np.median(apart[np.triu_indices(DESIGNS, 1)])
        of_values = centring @ np.exp(-((apart / width) ** 2) / 2) @ centring
        of_cell = 0.5 - np.subtract.outer(on[:, k], on[:, k]) ** 2
        found[example, k] = (of_cell * of_values).sum() / (DESIGNS - 1) ** 2
    return _spread(specimen, [found[:, number] for number in numbers], model)


def lime(specimen: Specimen, model: keras.Model) -> Structure:
    """Ridge regression over all coalitions, weighted by the cosine with everybody."""
    starts = definitions.baselines(tf.nest.map_structure(tf.constant, specimen.inputs()))
    every = list(itertools.product([False, True], repeat=switched._count(specimen)))
    values = switched._values(specimen, model, starts, [switched._present(specimen, model, one) for one in every])
    scores = np.zeros((EXAMPLES, switched._count(specimen)))
    for example in range(EXAMPLES):
        own = _players(specimen, model, example)
        # Each coalition of its own once: segments that it lacks are there.
        kept = [row for row, one in enumerate(every) if all(one[k] for k in range(len(one)) if k not in own)]
        members = np.array(every, float)[kept][:, own]
        roots = np.exp(-((1 - np.sqrt(members.mean(1))) ** 2) / (4 * 0.25**2))
        rows = np.concatenate([roots[:, None] * np.c_[members, np.ones(len(kept))], np.eye(len(own), len(own) + 1)])
        found = np.linalg.lstsq(rows, np.append(roots * values[kept, example], np.zeros(len(own))), rcond=None)[0]
        scores[example, own] = found[:-1]
    return switched._shared(specimen, model, scores)


def partition_shap(specimen: Specimen, model: keras.Model) -> Structure:
    """Means over all orders that keep the halves of the row together, and their halves."""
    values = switched.game(specimen, model, ROWS, True)
    scores = np.zeros((EXAMPLES, switched._count(specimen)))
    for example in range(EXAMPLES):
        own = _players(specimen, model, example)
        players = [
            np.where(one[example] < 0, -1, np.searchsorted(own, one[example])).astype(np.int32)
            for one in switched._owners(specimen, model)
        ]
        row = in_a_row(Segments([tf.constant(one[None]) for one in players], (np.array(own),), "")).ids[0]
        orders = _orders(list(row))
        for order in orders:
            present = [k not in own for k in range(scores.shape[1])]
            for k in order:
                before = values[tuple(present)][example]
                present[k] = True
                scores[example, k] += (values[tuple(present)][example] - before) / len(orders)
    return switched._shared(specimen, model, scores)


ESTIMATES: dict[str, Callable[[Specimen, keras.Model], Structure]] = {
    "HSIC": hsic,
    "LIME": lime,
    "PartitionSHAP": partition_shap,
    "RISE": rise,
    "Sobol": sobol,
}


def _orders(row: list[int]) -> list[list[int]]:
    if len(row) < 2:
        return [row]
    left, right = _orders(row[: len(row) // 2]), _orders(row[len(row) // 2 :])
    return [one + other for a, b in ((left, right), (right, left)) for one in a for other in b]


def _players(specimen: Specimen, model: keras.Model, example: int) -> list[int]:
    return sorted({int(k) for one in switched._owners(specimen, model) for k in np.unique(one[example]) if k >= 0})


def _cells(specimen: Specimen) -> tuple[list[np.ndarray], int]:
    """The cell of each place of every input, and how many there are."""
    found, start = [], 0
    for array in tf.nest.flatten(specimen.inputs()):
        places = places_of(array)
        along = [min(CELLS, side) for side in places]
        number = np.zeros(places, int)
        for axis, (side, count) in enumerate(zip(places, along, strict=True)):
            own = np.array([place * count // side for place in range(side)])
            number = number * count + own.reshape([-1 if one == axis else 1 for one in range(len(places))])
        found.append(start + number)
        start += int(np.prod(along))
    return found, start


def _under(specimen: Specimen, model: keras.Model, masks: Arrays) -> np.ndarray:
    """[masks, B] of how far each place of every input is there, [masks, *places]."""
    starts = definitions.baselines(tf.nest.map_structure(tf.constant, specimen.inputs()))
    each = [[one[None] for one in of_inputs] for of_inputs in zip(*masks, strict=True)]
    return switched._values(specimen, model, starts, each)


def _as_wide(values: np.ndarray, mask: np.ndarray) -> np.ndarray:
    return values.reshape(-1, *[1] * (mask.ndim - 1))


def _spread(specimen: Specimen, found: Arrays, model: keras.Model) -> Structure:
    """Scores of places [B, *places] as those of inputs: all channels have the same."""
    inputs = tf.nest.map_structure(tf.constant, specimen.inputs())
    scores = []
    for places, array, end in zip(
        found, tf.nest.flatten(inputs), tf.nest.flatten(specimen.features(model, inputs)), strict=True
    ):
        is_ids = array.dtype in (tf.string, tf.int32)
        scores.append(places if is_ids else np.broadcast_to(switched._wide(places, end), end.shape))
    return tf.nest.pack_sequence_as(inputs, scores)
