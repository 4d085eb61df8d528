"""One-off explanations, no logging."""

from __future__ import annotations

import numbers
from collections.abc import Callable, Mapping
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tb_attribution_plugin.attribution import Attribution
from tb_attribution_plugin.logging.voice import say
from tb_attribution_plugin.methods import targets
from tb_attribution_plugin.probe.inputs import examples, like
from tb_attribution_plugin.training import categories, divergence, soundness
from tb_attribution_plugin.training.compiled import Compiled, Job
from tb_attribution_plugin.training.keras_model import KerasModel
from tb_attribution_plugin.training.python_inputs import check_kept
from tb_attribution_plugin.training.python_model import PythonModel, explained
from tb_attribution_plugin.training.resolution import resolved
from tb_attribution_plugin.training.selection import method_from


def explain(
    model: keras.Model | Callable[[Any], Any],
    inputs: Any,
    method: Any,
    target: Any = None,
    *,
    output: str | None = None,
    batch_size: int | None = None,
) -> Attribution:
    """Explains inputs with one method, now.

    Args:
      model: a Keras 3 model on the TensorFlow backend; it is called with training=False and not changed. Or any
        callable, for methods that need no gradients: it is given a batch of the inputs, as NumPy arrays of the dtype
        that they have here, and returns an array [rows] or [rows, columns], or a list or dict of them. It is called in
        this thread, one batch at a time, and its progress is shown on stderr when it takes long.
      inputs: array [B, ...], or a dict or list of arrays for a model with several inputs.
      method: an instance from `tba.methods`, or its string name.
      target: output column, class index per example [B], "predicted", tba.targets.Contrast or Output, or a callable
        (outputs) -> [B]. None is the predicted class, or the value of a one-column output.
      output: "margin" (the target's logit minus the mean of the others), "logits" or "as_is" (what the model returns).
        None is the margin of a Keras model. Of a callable it is "as_is", for classes the probability itself: there is
        no softmax to look through, and the logarithm of a forest's probability 0 is infinite.
      batch_size: at most this many rows per model evaluation; None chooses, for a callable 4096 or what fits 16 MiB.

    Returns:
      An `Attribution` of NumPy arrays; `scores` has the structure of the inputs.

    Raises:
      ValueError, TypeError: name the argument, its rule and the value.
      RuntimeError: a callable raises; names it and the rows, and has what it raised as its cause.
    """
    whole = isinstance(batch_size, numbers.Integral) and not isinstance(batch_size, bool)
    if batch_size is not None and not (whole and batch_size > 0):
        raise ValueError(f"batch_size must be a whole number above 0, or None; got {batch_size!r}")
    tensors = _tensors(inputs)
    network: KerasModel | PythonModel
    if _is_plain(model):
        given = _given(inputs, tensors)
        check_kept(given, tensors)
        dtypes = tf.nest.map_structure(lambda array: array.dtype, given)
        network, output = PythonModel(model, tensors, dtypes, batch_size), output or "as_is"
    else:
        network, output = KerasModel(model, tensors, batch_size), output or "margin"
    examples = int(tf.nest.flatten(tensors)[0].shape[0])
    one = method_from(method)
    job = Job(
        resolved(one, network, tensors, categories=categories.of_inputs(network, tensors, one)),
        targets.resolve(target, network.heads, examples=examples, output=output),
    )
    if isinstance(network, PythonModel):
        return explained(network, tensors, job)
    for note in soundness.notes(network, [job], tensors):
        say(f"attribution: {note}")
    found = Compiled(network, tensors, {"it": job})().attributions["it"]
    if bad := divergence.not_finite({one.name: found}):
        variables = model.variables if isinstance(model, keras.Model) else ()
        say(f"attribution: {divergence.explained(bad, None, examples, variables)}")
    return found


def _is_plain(model: Any) -> bool:
    """Whether it is no model of Keras, in any of its versions, but can be called.

    Raises:
      TypeError: it can neither be called with a batch nor is it a Keras model; says what to pass.
    """
    kind = type(model)
    if isinstance(model, keras.Model) or kind.__module__.startswith("tf_keras"):
        return False
    if isinstance(model, type) or not callable(model):
        raise TypeError(
            f"model must be a keras.Model or a callable (batch) -> outputs; got {model!r}. Of a scikit-learn model "
            "pass model.predict_proba or model.predict, of an ONNX session lambda x: session.run(None, {'x': x})[0]"
        )
    if any(base.__module__.startswith("torch.nn") for base in kind.__mro__):
        raise TypeError(
            f"{kind.__name__} takes torch tensors and is given NumPy arrays; pass "
            "lambda x: model(torch.from_numpy(x)).detach().numpy()"
        )
    return True


def _tensors(inputs: Any) -> Any:
    _, arrays = examples(inputs)
    return tf.nest.map_structure(tf.convert_to_tensor, like(inputs, arrays))


def _given(inputs: Any, tensors: Any) -> Any:
    """The arrays that the user gave, whose dtypes may be others: the tensors are float32 where these are float64."""
    if isinstance(tensors, Mapping):
        return {name: np.asarray(inputs[name]) for name in tensors}
    if isinstance(tensors, list):
        return [np.asarray(one) for one in inputs]
    return np.asarray(inputs)
