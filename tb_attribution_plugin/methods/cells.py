"""Scores of the cells of a grid, from the values of masks that switch cells."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from tb_attribution_plugin.attribution import Attribution
from tb_attribution_plugin.methods import resolution, segmentation, switched, windows
from tb_attribution_plugin.methods.contract import Model
from tb_attribution_plugin.methods.rows import Structure
from tb_attribution_plugin.methods.straight import total

Switches = Callable[[tf.Tensor], tf.Tensor]


def explained(
    method: Any,
    model: Model,
    inputs: Structure,
    masks: Callable[[int], int],
    switches: Callable[[int], Switches],
    scores: Callable[[tf.Tensor, int], tuple[tf.Tensor, tf.Tensor]],
) -> Attribution:
    """Args:
    method: with the fields `grid` and `baseline`.
    masks: cells -> how many there are.
    switches: cells -> what makes, of numbers of masks [m], how far each cell is on, bool or float [m, cells].
    scores: values float64 [masks, B] and cells -> scores and standard errors of the cells, each [B, cells].
    """
    method = resolution.resolved(method, model, inputs)
    outputs, features, cells = model.values(inputs), model.features(inputs), method.grid.count
    numbers = method.grid.numbers(features)
    nothing = tf.nest.map_structure(lambda feature: None, features)
    segments = segmentation.resolve(numbers, features, nothing)
    of_cells = switches(cells)
    of_features = segmentation.masks(segments, features, lambda mask: of_cells(mask)[:, None])
    values = switched.values(model, inputs, method.baseline, of_features, masks(cells), method)

    def placed(found: tf.Tensor) -> Structure:
        """Every place has what its cell has."""
        return tf.nest.map_structure(lambda number: tf.gather(tf.cast(found, tf.float32), number[0], axis=1), numbers)

    places = [placed(one) for one in scores(values, cells)]
    found, errors = (tf.nest.map_structure(windows.whole, one, features, model.takes_ids(inputs)) for one in places)
    return Attribution(
        scores=found,
        residual=total(places[1]),
        outputs=outputs,
        baseline_outputs=outputs * math.nan,
        errors=errors,
        evaluations=tf.fill(tf.shape(outputs), float(method.cost())),
    )


def latin(designs: int, columns: int, seed: int) -> NDArray[np.float64]:
    """Numbers in [0, 1), [designs, columns]: each column has one in each of `designs` equal intervals.

    McKay, Beckman and Conover, 1979 (doi:10.2307/1268522).
    """
    random = np.random.default_rng(seed)
    strata = random.permuted(np.tile(np.arange(designs), (columns, 1)), axis=1).T
    return (strata + random.random((designs, columns))) / designs
