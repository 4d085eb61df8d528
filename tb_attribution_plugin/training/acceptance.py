"""What the inputs of a model must be before anything is traced."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from tb_attribution_plugin.methods.rows import Structure
from tb_attribution_plugin.training.score_points import ScorePoint


def check_shapes(model: keras.Model, inputs: Structure) -> None:
    """Keras adds and drops axes of size 1 by itself; a probe must say what its axes are."""
    check_rows(model, inputs)
    taken = _declared_inputs(model)
    if isinstance(inputs, dict):
        pairs = [(tensor, inputs[tensor.name]) for tensor in taken if tensor.name in inputs]
    else:
        given = tf.nest.flatten(inputs)
        if taken and len(given) != len(taken):
            raise ValueError(
                f"model {model.name!r} takes {len(taken)} input{'s' if len(taken) > 1 else ''}, and {len(given)} are "
                "given; pass one array for each, in a list or in a dict by their names"
            )
        pairs = list(zip(taken, given, strict=False))
    for want, have in pairs:
        name = repr(want.name) if len(taken) > 1 else "it"
        if have.dtype == tf.string and want.dtype != "string":
            raise ValueError(
                f"model {model.name!r} rejects the inputs (string{tuple(have.shape)}): {name} takes numbers "
                f"({want.dtype}); pass x.astype('float32'), or begin the model with keras.layers.StringLookup or "
                "TextVectorization"
            )
        wanted, found = tuple(want.shape[1:]), tuple(have.shape[1:])
        fits = len(wanted) == len(found) and all(w in (None, f) for w, f in zip(wanted, found, strict=True))
        if not fits and want.dtype != "string":
            raise ValueError(
                f"model {model.name!r} rejects the inputs ({have.dtype.name}{tuple(have.shape)}): {name} takes "
                f"the shape {(None, *wanted)}; the first axis is the example (one example is x[None]), and every other "
                "axis must be there (a grey picture is x[..., None])"
            )


def fixed_batch_size(model: keras.Model) -> int | None:
    """The batch size that the model itself fixes, as a stateful recurrent one does."""
    shapes = [tensor.shape for tensor in _declared_inputs(model)]
    return next((shape[0] for shape in shapes if shape and shape[0] is not None), None)


def check_rows(model: keras.Model, inputs: Structure) -> None:
    """States have one row for each of a batch. A fixed batch size alone is none that Keras holds to."""
    fixed, rows = fixed_batch_size(model), tf.nest.flatten(inputs)[0].shape[0]
    if fixed not in (None, rows) and any(getattr(layer, "stateful", False) for layer in model._flatten_layers()):
        raise ValueError(
            f"model {model.name!r} is stateful and takes {fixed} rows at a time, no other number of them ({rows} here; "
            "a method chooses how many it evaluates at once); build it again with an Input of batch size None and "
            "stateful=False, and load its weights: other.set_weights(model.get_weights())"
        )


def _declared_inputs(model: keras.Model) -> list[Any]:
    """The symbolic inputs of a functional graph; [] where there are none, or not yet."""
    try:
        return [tensor for tensor in tf.nest.flatten(model.inputs) if tensor is not None]
    except (AttributeError, ValueError):  # a Sequential that was never called says so with a ValueError
        return []


def check_integers(model: keras.Model, inputs: Structure, given: Structure, floats: Structure) -> None:
    """Whole numbers are explained as floats of the same values, so that the model must give the same for both.

    Args:
      given, floats: outputs for either.
    """
    for one, other in zip(tf.nest.flatten(given), tf.nest.flatten(floats), strict=True):
        one, other = (tf.cast(tensor, tf.float32) for tensor in (one, other))
        # Half precision differs by a few thousandths.
        if float(tf.reduce_max(tf.abs(one - other))) > 0.03 * float(tf.reduce_max(tf.abs(one))):
            dtypes = {tensor.dtype.name for tensor in tf.nest.flatten(inputs) if tensor.dtype.is_integer}
            raise ValueError(
                f"model {model.name!r} gives other outputs for {', '.join(sorted(dtypes))} inputs than for floats of "
                "the same values (as integer division or tf.image.convert_image_dtype do), so that no path between "
                "two inputs exists; cast them first: keras.layers.Rescaling(1 / 255) does"
            )


def check_places(points: Sequence[ScorePoint], vectors: Sequence[Any]) -> None:
    """Every place of an input must have a score of its own, and all that the model makes of it must be in it.

    Args:
      vectors: for each input, None where its embeddings are given something else than parts of it.
    """
    for point, own in zip(points, vectors, strict=True):
        _check_point(point, own is not None)
    calls = Counter(call.name for point in points for call in point.embeddings)
    for name in (name for name, inputs in calls.items() if inputs > 1):
        raise ValueError(
            f"layer {name!r} embeds ids that the model joins of several inputs; give it the ids of each in a call of "
            "its own, or explain the model behind the joining, with the joined ids as its input"
        )


def _check_point(point: ScorePoint, has_vectors: bool) -> None:
    if point.unplaced is not None:
        raise ValueError(
            f"layer {point.unplaced.name!r} makes one vector {point.unplaced.shape[1:]} of all categories of an input, "
            "so that none has a score of its own; explain the model behind it, with what the layer gives as the input"
        )
    if point.embeddings and not has_vectors:
        raise ValueError(
            f"layer {point.embeddings[0].name!r} embeds ids that the model computes of its input, so that they have no "
            "places there; explain the model behind it, with these ids as the input"
        )
    if point.beside:
        raise ValueError(
            f"operation {point.beside!r} reads the ids of an input as numbers, beside the embedding "
            f"{point.embeddings[0].name!r}: ids have the scores of their embedding, and that part would be missing; "
            "give it an input of its own, or explain the function model.predict by a method that switches features, "
            "as 'kernel_shap' does"
        )


def may_count(point: ScorePoint, spec: tf.TensorSpec) -> bool:
    """True where code that is not Keras's own reads whole numbers as numbers: it may depend on their type."""
    if not spec.dtype.is_integer or point.embeddings or point.unplaced:
        return False
    readers = [type(call.layer) for call in point.readers]
    return not readers or any(
        kind is keras.layers.Lambda or not kind.__module__.startswith("keras.") for kind in readers
    )
