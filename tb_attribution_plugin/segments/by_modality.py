"""Segments of a probe for which nobody named any."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tb_attribution_plugin.probe import Probe
from tb_attribution_plugin.probe.inputs import in_order, like
from tb_attribution_plugin.segments.arguments import Ids
from tb_attribution_plugin.segments.grid import grid
from tb_attribution_plugin.segments.numbering import numbered
from tb_attribution_plugin.segments.slic import slic
from tb_attribution_plugin.segments.tokens import is_added
from tb_attribution_plugin.segments.windows import COUNT, windows

# Parts of each side of what has more axes than an image.
_PARTS = 4


def made(probe: Probe, token_ids: Any = None, categories: Any = None) -> Any:
    """Superpixels of images, columns of tables, tokens of texts, windows of series.

    Padding and special tokens are in no segment, and neither are inputs of zeros and ones beside a text that have its
    shape: they say where tokens are (padding masks) or of which part (BERT's segment ids).

    Args:
      token_ids: in the structure of the inputs: what the model makes of raw strings, [B, T] with 0 for padding; None
        for other inputs.
      categories: in the structure of the inputs, True where ids are columns of a table, whatever the modality.

    Returns:
      int32 ids in the structure of the inputs, [B or 1, *shape], the channel axis being 1; [B, T] for raw strings. In
      each example 0 .. K - 1 over all inputs, -1 for what is in no segment.

    Raises:
      ValueError: an example without any segment; raw strings without `token_ids`.
    """
    read = [None] * len(probe.arrays) if token_ids is None else in_order(token_ids, probe.input_names)
    tables = [False] * len(read) if categories is None else in_order(categories, probe.input_names)
    found = numbered([_cut(probe, index, *one) for index, one in enumerate(zip(read, tables, strict=True))])
    whole = np.zeros(probe.size, bool)
    for ids in found:
        whole |= (ids.reshape(len(ids), -1) >= 0).any(1)
    if not whole.all():
        example = int(np.argmin(whole))
        raise ValueError(
            f"example {probe.names[example]!r} has no token, or padding and special ones alone; leave it out of the "
            "probe, or name its segments: Probe(segments=...)"
        )
    return like(probe.inputs, tuple(found))


def _cut(probe: Probe, index: int, read: Any, table: bool) -> Ids:
    array, modality = probe.arrays[index], probe.modalities[index]
    # One number is a category: 0 is no padding.
    is_text = not table and (array[0].size > 1 or array.dtype.kind == "U")
    if is_text and index != probe.shown and probe.modality == "text" and is_mask(array, probe.arrays[probe.shown]):
        return np.full((1, *array.shape[1:]), -1, np.int32)
    if is_text and modality == "text":
        return _tokens(probe, index, read)
    if modality == "image" and max(array.shape[1:3]) > 1:
        return slic(array)
    if modality == "time_series" and array.shape[1] > 1:
        return windows(array, min(COUNT, array.shape[1]))
    if array.ndim > 2 and max(array.shape[1:-1]) > 1:
        return grid(array, tuple(min(_PARTS, side) for side in array.shape[1:-1]))
    return np.arange(array[0].size, dtype=np.int32).reshape(1, *array.shape[1:])


def is_mask(array: NDArray[Any], tokens: NDArray[Any]) -> bool:
    """Whether it can only say where tokens are, or of which part."""
    return array.dtype.kind in "iub" and array.shape == tokens.shape and bool(np.isin(array, (0, 1)).all())


def _tokens(probe: Probe, index: int, read: Any) -> Ids:
    array = probe.arrays[index]
    if array.dtype.kind == "U" and read is None:
        raise ValueError(
            "the inputs are raw strings, and nothing says what the model cuts them into; name their segments: "
            "Probe(segments=tba.segments.words(tba.segments.pieces(texts)))"
        )
    ids = array if read is None else np.asarray(read)
    # Padding is at an end: within a text, 0 is a token as others are.
    zero = ids == 0
    out = np.logical_and.accumulate(zero, 1) | np.logical_and.accumulate(zero[:, ::-1], 1)[:, ::-1]
    if index == probe.shown and ids.shape == array.shape:  # a string for each id
        added = [[is_added(token) for token in row] for row in probe.tokens]
        out = np.where(np.array(probe.tokens) != ids.astype(str), added, out)
    return np.where(out, -1, np.cumsum(~out, 1) - 1).astype(np.int32)
