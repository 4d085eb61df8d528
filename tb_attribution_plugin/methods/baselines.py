"""What "feature absent" means: the reference input x0 of path and difference methods.

A baseline is given as "auto", a number, an array, or one of the classes here, for all inputs at once or in the
structure of the inputs. `resolve` turns it into `Points`: per input [K, B or 1, ...], K baselines to average over.

"auto" follows the data: images take two constants, the smallest and the largest value of the probe (one constant makes
every pixel of that colour invisible); token ids take id 0, the padding; tables and series take background rows, and so
do the categories of a table.
"""

from __future__ import annotations

import dataclasses
import hashlib
import math
from collections.abc import Hashable
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from tb_attribution_plugin.methods.baseline_kinds import MOST_PATHS
from tb_attribution_plugin.methods.baseline_kinds import Average as Average
from tb_attribution_plugin.methods.baseline_kinds import Blurred as Blurred
from tb_attribution_plugin.methods.baseline_kinds import Constants as Constants
from tb_attribution_plugin.methods.baseline_kinds import Mean as Mean
from tb_attribution_plugin.methods.baseline_kinds import Rows as Rows
from tb_attribution_plugin.methods.baseline_kinds import Uniform as Uniform
from tb_attribution_plugin.methods.baseline_points import OWN_ROWS as OWN_ROWS
from tb_attribution_plugin.methods.baseline_points import points_of
from tb_attribution_plugin.methods.given_rows import parts_of

Structure = Any


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Points:
    """Resolved baselines.

    Attributes:
      arrays: structure of the inputs, each [K, B or 1, ...]. Integer arrays are ids; float arrays of an input that is
        ids are values at its embedding.
      title: in words, for the log.
    """

    arrays: Structure
    title: str

    def __repr__(self) -> str:
        return self.title

    @property
    def count(self) -> int:
        """Baselines that are averaged over, K."""
        return int(tf.nest.flatten(self.arrays)[0].shape[0])

    @property
    def key(self) -> Hashable:
        """Equal for equal values; of symbolic tensors for the same ones."""
        return tuple(
            (array.dtype, tuple(array.shape), hashlib.sha256(_bytes(array.numpy())).digest())
            if tf.is_tensor(array) and hasattr(array, "numpy")
            else id(array)
            for array in tf.nest.flatten(self.arrays)
        )


def _bytes(array: NDArray[Any]) -> bytes:
    """Equal for equal arrays of a dtype and shape; those of strings hold addresses, which say nothing."""
    return repr(array.tolist()).encode() if array.dtype == object else array.tobytes()


def resolve(
    spec: Any,
    inputs: Structure,
    background: Structure | None = None,
    ids: Structure | None = None,
    categories: Structure | None = None,
) -> Points:
    """Makes a baseline concrete for a probe.

    Args:
      spec: "auto", number, array [...] or [B, ...], one of the classes here, or a structure of them.
      inputs: the whole probe's inputs, each [B, ...].
      background: rows [K, ...] in the structure of the inputs, or None.
      ids: in the structure of the inputs, True for token ids; None takes integer [B, tokens] for them.
      categories: in the structure of the inputs, True for ids that are columns of a table; None: none are.

    Raises:
      ValueError: names the input, the shape it has and the shape it needs.
    """
    if isinstance(spec, Points):
        return spec
    flat_inputs = [tf.convert_to_tensor(one) for one in tf.nest.flatten(inputs)]
    flat_ids = [_looks_like_ids(one) for one in flat_inputs] if ids is None else tf.nest.flatten(ids)
    tables = [False] * len(flat_ids) if categories is None else tf.nest.flatten(categories)
    flat_specs = _spread(spec, inputs, len(flat_inputs))
    flat_rows = [None] * len(flat_inputs) if background is None else parts_of(background)
    shapes = [np.shape(rows) for rows in flat_rows if rows is not None]
    if len(flat_rows) != len(flat_inputs) or len({shape[:1] for shape in shapes}) > 1:
        raise ValueError(
            f"background must have one array for each of the {len(flat_inputs)} inputs, all with the same number of "
            f"rows; got shapes {shapes}"
        )
    places = range(len(flat_inputs))
    each = zip(flat_specs, flat_inputs, flat_rows, flat_ids, tables, places, strict=True)
    pairs = [points_of(*one) for one in each]
    # Inputs with different numbers of baselines go round until all come out even: each counts equally often.
    count = math.lcm(*(array.shape[0] for array, _ in pairs))
    if count > MOST_PATHS and len(pairs) == 1:
        raise ValueError(f"the baseline has {count} points, more than {MOST_PATHS}; average over fewer rows")
    if count > MOST_PATHS:
        raise ValueError(
            f"the inputs have {[array.shape[0] for array, _ in pairs]} baselines, which makes {count} combinations, "
            f"more than {MOST_PATHS}; give them equal numbers"
        )
    arrays = [tf.tile(array, (count // array.shape[0], *[1] * (array.shape.rank - 1))) for array, _ in pairs]
    if any(array.shape[1] > 1 for array in arrays):  # one input's baseline is per example: so are all
        width = max(array.shape[1] for array in arrays)
        arrays = [tf.repeat(array, width // array.shape[1], 1) for array in arrays]
    titles = list(dict.fromkeys(title for _, title in pairs))
    return Points(tf.nest.pack_sequence_as(inputs, arrays), "; ".join(titles))


def _spread(spec: Any, inputs: Structure, count: int) -> list[Any]:
    """One baseline per input."""
    if isinstance(spec, dict):
        if not isinstance(inputs, dict) or set(spec) != set(inputs):
            names = sorted(inputs) if isinstance(inputs, dict) else "one unnamed array"
            raise ValueError(f"baseline is given for inputs {sorted(spec)}, but the inputs are {names}")
        return [spec[name] for name in sorted(inputs)]  # tf.nest's order
    if isinstance(spec, list | tuple) and isinstance(inputs, list | tuple):
        if len(spec) != count:
            raise ValueError(f"{len(spec)} baselines for {count} inputs")
        return list(spec)
    return [spec] * count


def _looks_like_ids(inputs: tf.Tensor) -> bool:
    return inputs.dtype.is_integer and inputs.shape.rank == 2
