"""One-off explanations, no logging."""

from __future__ import annotations

import numbers
from typing import Any

import keras
import tensorflow as tf

from tb_attribution_plugin.attribution import Attribution
from tb_attribution_plugin.methods import targets
from tb_attribution_plugin.probe.inputs import examples, like
from tb_attribution_plugin.training.compiled import Compiled, Job
from tb_attribution_plugin.training.keras_model import KerasModel
from tb_attribution_plugin.training.resolution import resolved
from tb_attribution_plugin.training.selection import method_from


def explain(
    model: keras.Model,
    inputs: Any,
    method: Any,
    target: Any = None,
    *,
    output: str = "margin",
    batch_size: int | None = None,
) -> Attribution:
    """Explains inputs with one method, now.

    Args:
      model: a Keras 3 model on the TensorFlow backend; it is called with training=False and not changed.
      inputs: array [B, ...], or a dict or list of arrays for a model with several inputs.
      method: an instance from `tba.methods`, or its string name.
      target: output column, class index per example [B], "predicted", tba.targets.Contrast or Output, or a callable
        (outputs) -> [B]. None is the predicted class, or the value of a one-column output.
      output: "margin" (the target's logit minus the mean of the others), "logits" or "as_is" (what the model returns).
      batch_size: at most this many rows per model evaluation; None chooses.

    Returns:
      An `Attribution` of NumPy arrays; `scores` has the structure of the inputs.

    Raises:
      ValueError, TypeError: name the argument, its rule and the value.
    """
    whole = isinstance(batch_size, numbers.Integral) and not isinstance(batch_size, bool)
    if batch_size is not None and not (whole and batch_size > 0):
        raise ValueError(f"batch_size must be a whole number above 0, or None; got {batch_size!r}")
    tensors = _tensors(inputs)
    network = KerasModel(model, tensors, batch_size)
    examples = int(tf.nest.flatten(tensors)[0].shape[0])
    job = Job(
        resolved(method_from(method), network, tensors),
        targets.resolve(target, network.heads, examples=examples, output=output),
    )
    return Compiled(network, tensors, {"it": job})().attributions["it"]


def _tensors(inputs: Any) -> Any:
    _, arrays = examples(inputs)
    return tf.nest.map_structure(tf.convert_to_tensor, like(inputs, arrays))
