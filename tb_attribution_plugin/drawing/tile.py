"""What a tile shows, whatever it is of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tb_attribution_plugin.drawing.lookup import Scale

Floats = NDArray[np.float32]


class Map(NamedTuple):
    """One example's map of one input.

    Attributes:
      values: [*shape]; of a segment, in each of its cells.
      input_shape: the input's own, without the batch axis.
      errors: an error per value; None where the method has none.
      ids: which segment each cell is in, -1 in none; None where each cell has a value of its own.
      picture: what an image is laid over; None where it was not stored.
      inputs: what a table's or a series' values are; None where they were not stored.
      words: of a table's values, "" for those that are numbers; () where there are none.
      names: of columns or channels, or the tokens; () where there are none.
      units: values are of units of a layer.
    """

    values: Floats
    input_shape: Sequence[int]
    errors: Floats | None = None
    ids: NDArray[np.int32] | None = None
    picture: Image.Image | None = None
    inputs: Floats | None = None
    words: Sequence[str] = ()
    names: Sequence[str] = ()
    units: bool = False


class Look(NamedTuple):
    """How maps are drawn.

    Attributes:
      relu: negative values are drawn as zero.
      order: of a table's rows, most important first; () as they come.
    """

    scale: Scale
    colours: str
    relu: bool = False
    order: Sequence[int] = ()


def drawn(values: Floats, look: Look) -> Floats:
    """What is not finite stays so."""
    return np.where(np.isfinite(values), np.maximum(values, np.float32(0)), values) if look.relu else values


def largest_first(scores: Floats) -> list[int]:
    """Columns of maps [B, *shape] by mean |score| over the examples."""
    size = np.abs(np.where(np.isfinite(scores), scores, 0)).reshape(len(scores), -1).mean(axis=0)
    return np.argsort(-size, kind="stable").tolist()


def condition(values: Floats, relu: bool) -> str:
    """What makes a map's picture say less than it seems, in words; "" for an ordinary one."""
    finite = np.isfinite(values)
    bad = int(values.size - finite.sum())
    if bad == values.size:
        return "no finite score"
    if bad:
        return f"{bad} of {values.size} scores not finite"
    if not values.any():
        return "all scores are 0"
    return "no score above 0 (ReLU)" if relu and values.max() <= 0 else ""


def is_empty(values: Floats, relu: bool) -> bool:
    """Nothing of it would be seen."""
    finite = values[np.isfinite(values)]
    return not (finite > 0).any() if relu else not finite.any()
