"""Vision transformers: the tokens that a layer gives, as the grid of patches that they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import tensorflow as tf

from tb_attribution_plugin.methods.token_maps import MOST_EXTRA
from tb_attribution_plugin.training.calls import Call


class PatchGrid(NamedTuple):
    """Tokens [B, extra + rows * columns, width]: those that are no patches come first."""

    extra: int
    rows: int
    columns: int

    def of(self, tokens: tf.Tensor) -> tf.Tensor:
        """The patches [B, rows, columns, width]."""
        return tf.reshape(tokens[:, self.extra :], (-1, self.rows, self.columns, tokens.shape[-1]))


def patch_grid(call: Call, calls: Sequence[Call]) -> PatchGrid | None:
    """None where `call` gives no tokens, or none of the last picture grid before it.

    Args:
      calls: all of the model, in the order in which they ran.
    """
    if len(call.shape) != 3 or not call.drawable:
        return None
    tokens = call.shape[1]
    return None if tokens is None else grid_of_tokens(tokens, calls[: calls.index(call)])


def grid_of_tokens(tokens: int, calls: Sequence[Call]) -> PatchGrid | None:
    """None where so many tokens are none of the last picture grid that `calls` made."""
    grids = [one.shape for one in calls if one.drawable and len(one.shape) == 4]
    rows, columns = grids[-1][1:3] if grids else (None, None)
    if rows is None or columns is None:
        return None
    return PatchGrid(tokens - rows * columns, rows, columns) if 0 <= tokens - rows * columns <= MOST_EXTRA else None


def deepest_with_patches(choices: Sequence[Call], calls: Sequence[Call]) -> Call | None:
    """The deepest of `choices` that gives patches which the outputs still read; None without a transformer.

    Where only the class token is read at the end, the patches were read last by the last attention: what goes into it
    is drawn.

    Raises:
      ValueError: only some tokens are read at the end, and no attention is found before.
    """
    found = [call for call in choices if patch_grid(call, calls) is not None]
    if not found or not found[-1].sliced:
        return found[-1] if found else None
    read = [call for call in found if call.attended]
    if not read:
        raise ValueError(
            f"the outputs read only some of the tokens that layer {found[-1].name!r} gives, so that no gradient may "
            "reach its patches, and no attention that reads them all is found before it; name the layer to draw: "
            f"{', '.join(call.name for call in found[-12:])}"
        )
    return read[-1]
