"""What a model does that makes its maps mean little: it draws random numbers, mixes the examples of a batch, or goes on
with weights of long ago."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tb_attribution_plugin.methods.rows import Structure
from tb_attribution_plugin.training import frozen
from tb_attribution_plugin.training.compiled import Job
from tb_attribution_plugin.training.keras_model import KerasModel
from tb_attribution_plugin.training.precision import full_products
from tb_attribution_plugin.training.traced import Traced

_ROWS = 4
_CLOSE = 1e-4  # of the largest output; places in a batch differ by rounding


def notes(network: KerasModel, jobs: Iterable[Job], inputs: Structure) -> list[str]:
    """What the user should know, one line each.

    Raises:
      ValueError: a method's numbers would mean nothing: it follows the operations of one draw, or it puts other rows
        than the examples into batches whose rows are mixed.
    """
    return [*frozen.notes(network, inputs), *_chance_or_mixture(network, jobs, inputs)]


def _chance_or_mixture(network: KerasModel, jobs: Iterable[Job], inputs: Structure) -> list[str]:
    methods = [job.method for job in jobs]
    draw = network.draw
    if draw is not None and draw[1]:
        for method in methods:
            if hasattr(method, "rules"):
                raise ValueError(
                    f"{method.name} follows every operation, and the model draws random numbers in inference, by "
                    f"{draw[0]}, so that it would follow one arbitrary draw; let the layer draw in training alone "
                    "(training=True), or use a method of gradients (integrated_gradients) or of switched features "
                    "(kernel_shap)"
                )
        return [f"the model draws random numbers in inference, by {draw[0]}, so that maps are those of one draw"]
    examples = len(tf.nest.flatten(inputs)[0])
    beside = [method for method in methods if method.cost() > 1 or (examples > 1 and hasattr(method, "rules"))]
    if (
        not (beside or examples > 1)
        or all(map(_keeps_rows, network.parts))
        or not _mixes(network.outputs, inputs, min(_ROWS, network.batch_size))
    ):
        return []
    by = f" (it draws random numbers by {draw[0]})" if draw is not None else ""
    what = f"what the model gives for an example depends on the others in the batch or on its place there{by}"
    if beside:
        raise ValueError(
            f"{beside[0].name} cannot tell features of an example from those of other rows: {what}; compute means, "
            "sums and softmax over other axes than 0, call normalization with training=False, or pass batch_size=1 to "
            "explain"
        )
    return [f"{what}, so that maps are those of the examples in this batch"]


def _keeps_rows(part: keras.Operation) -> bool:
    """True for layers and models of Keras's own that are known to compute row by row: what needs no trial."""
    axes = getattr(part, "axis", None)
    functions = [getattr(part, name, None) for name in ("activation", "recurrent_activation")]
    kinds = [type(part).__module__, *(getattr(one, "__module__", "") for one in functions if one is not None)]
    return (
        isinstance(part, keras.layers.Layer)
        and not isinstance(part, keras.layers.Lambda | keras.layers.TFSMLayer)
        and all((kind or "").startswith("keras.") for kind in kinds)
        and 0 not in (axes if isinstance(axes, list | tuple) else [axes])
    )


def _mixes(outputs: Callable[[Structure], tuple[Any, ...]], inputs: Structure, rows: int) -> bool:
    """Whether an example among copies of itself gives something else than among other examples."""
    if rows < 2:
        return False
    some = tf.nest.map_structure(lambda tensor: _different(tensor, rows), inputs)
    try:
        with full_products():
            traced = Traced(outputs, some)
            among = tf.nest.flatten(traced())
            for row in range(len(tf.nest.flatten(some)[0])):
                alone = tf.nest.flatten(traced.at(_copies(some, row)))
                if any(_differ(one[row : row + 1].numpy(), y.numpy()) for one, y in zip(among, alone, strict=True)):
                    return True
    except Exception:  # it takes other numbers of rows, or no such ids: what explains it meets the same, or does not
        pass
    return False


def _copies(inputs: Structure, row: int) -> Structure:
    return tf.nest.map_structure(lambda tensor: tf.repeat(tensor[row : row + 1], len(tensor), 0), inputs)


def _different(tensor: tf.Tensor, rows: int) -> tf.Tensor:
    """The first examples; beside a single one, one of other numbers, or of the same whole numbers in other places."""
    if len(tensor) > 1:
        return tensor[:rows]
    turned = tf.roll(tensor, 1, -1) if tensor.shape.rank > 1 else tensor
    return tf.concat([tensor, 0.5 * turned if tensor.dtype.is_floating else turned], 0)


def _differ(one: np.ndarray, others: np.ndarray) -> bool:
    if one.dtype.kind != "f":
        return False
    finite = np.isfinite(one) & np.isfinite(others)
    gaps = np.where(finite, np.abs(np.where(finite, one, 0) - np.where(finite, others, 0)), 0)
    return bool(gaps.max(initial=0) > _CLOSE * max(np.abs(np.where(finite, one, 0)).max(initial=0), 1e-6))
