"""What methods that switch features are given, so that all their coalitions and windows are few."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import tensorflow as tf

from tests.zoo.specimen import Structure
from tests.zoo.texts import LENGTH

PARTS = 4
SIDE = 3
# From two, both examples among them would get equal scores where one unit's sign follows the label.
ROWS = 3
# Of four segments each of three classes of pairs has a chance of 1/6: fewer pairs miss one, and its error with it.
PAIRS = 64
# Of grids, so that two texts with padding differ in the cells that they have; and masks of them.
CELLS = 3
MASKS = 30
DESIGNS = 16


def fields(method: str, inputs: Structure) -> dict[str, Any]:
    """None for a method that takes neither windows nor segments."""
    if method == "Occlusion":
        return {"window": side_of(inputs)}
    rows = tf.nest.map_structure(lambda array: array[:ROWS], inputs)
    return {
        "FeatureAblation": {"segments": segments(inputs)},
        "ExactShapley": {"segments": segments(inputs)},
        "KernelSHAP": {"segments": segments(inputs), "background": rows},
        "LIME": {"segments": segments(inputs)},
        "PartitionSHAP": {"segments": segments(inputs), "background": rows},
        "RISE": {"masks": MASKS, "grid": CELLS},
        "Sobol": {"designs": DESIGNS, "grid": CELLS},
        "HSIC": {"designs": DESIGNS, "grid": CELLS},
        "PermutationShapley": {"segments": segments(inputs), "background": rows, "permutations": 2 * PAIRS},
    }.get(method, {})


def segments(inputs: Structure) -> Structure:
    """Four of all inputs together, each [1, *places]; neighbours are in different ones."""
    flat, found, first = tf.nest.flatten(inputs), [], 0
    for array in flat:
        places = places_of(array)
        count = math.prod(places)
        parts = min(PARTS // len(flat), count)
        found.append(np.reshape(first + np.arange(count) % parts, (1, *places)))
        first += parts
    return tf.nest.pack_sequence_as(inputs, found)


def places_of(array: Any) -> tuple[int, ...]:
    """Axes of an input without its channels; the tokens of a string."""
    shape = tuple(array.shape[1:])
    return shape[:-1] if len(shape) > 1 else shape or (LENGTH,)


def side_of(inputs: Structure) -> int:
    """Of windows, on all axes."""
    return min(SIDE, *(min(places_of(array)) for array in tf.nest.flatten(inputs)))
