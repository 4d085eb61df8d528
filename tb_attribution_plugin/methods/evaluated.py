"""One evaluation of one batch: forward, and backward as far as is wanted."""

from __future__ import annotations

from typing import NamedTuple

import tensorflow as tf

from tb_attribution_plugin.methods.dataflow import ancestors, descendants, ends_of_gradients
from tb_attribution_plugin.methods.network import Evaluation, Layers, Network, Wanted, or_zeros
from tb_attribution_plugin.methods.rows import Structure
from tb_attribution_plugin.methods.targets import Target


class Batch(NamedTuple):
    """Where the network is evaluated; all of it by row, but None.

    Attributes:
      inputs, features, replaced: as in `Network.run`.
      examples: numbers of the rows' examples, [B].
      columns: the output columns to explain; None resolves them at the inputs.
    """

    inputs: Structure
    features: Structure
    examples: tf.Tensor
    columns: tuple[tf.Tensor, ...] | None
    replaced: Layers


def evaluated(network: Network, target: Target, batch: Batch, taps: tuple[str, ...], wanted: Wanted) -> Evaluation:
    """Args:
    taps: layers whose outputs are recorded.
    """
    inputs, features, examples, columns, replaced = batch
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch((features, replaced))
        run = network.run(inputs, features, taps, replaced)
        if columns is None:
            columns = target.columns(run.outputs, examples)
        values = tf.cast(target.score(run.outputs, columns), tf.float32)
    # What is no tensor cannot be put together from chunks.
    outputs = run.outputs._replace(returned=())
    check_values(values, features)
    _check_activations(run.activations)
    activations = {name: tf.cast(output, tf.float32) for name, output in run.activations.items()}
    if wanted <= Wanted.ACTIVATIONS:
        return Evaluation(values, columns, outputs, (), activations if wanted == Wanted.ACTIVATIONS else {}, {})
    gradients, at_layers = tape.gradient(values, (features, run.activations))
    gradients = _through_all(values, features, gradients)
    if wanted == Wanted.AT_FEATURES and all(gradient is None for gradient in tf.nest.flatten(gradients)):
        raise ValueError(no_gradient(values, tf.nest.flatten(features)))
    return Evaluation(
        values,
        columns,
        outputs,
        # What is not handed on is not computed, in a loop over chunks neither.
        tf.nest.map_structure(or_zeros, gradients, features) if wanted == Wanted.AT_FEATURES else (),
        activations,
        _at_layers(values, run.activations, at_layers),
    )


def _through_all(values: tf.Tensor, features: Structure, found: Structure) -> Structure:
    """The gradients at the features where the tape found any, else those of the graph.

    No tape records what tf.recompute_grad calls, nor logits that were made once more.
    """
    flat = tf.nest.flatten(features)
    if any(one is not None for one in tf.nest.flatten(found)) or not _in_graph(values, *flat):
        return found
    return tf.nest.pack_sequence_as(features, tf.gradients(values, flat))


def _in_graph(*tensors: tf.Tensor) -> bool:
    return all(hasattr(tensor, "op") for tensor in tensors)


def _at_layers(values: tf.Tensor, outputs: Layers, found: dict[str, tf.Tensor | None]) -> Layers:
    """The gradients there, without the layers that none reaches; completes what the tape found."""
    # The tape begins at the features: it records nothing of a layer behind bins.
    off_tape = [name for name, gradient in found.items() if gradient is None]
    rest = tf.gradients(values, [outputs[name] for name in off_tape]) if off_tape else []
    gradients = found | dict(zip(off_tape, rest, strict=True))
    return {name: tf.cast(one, tf.float32) for name, one in gradients.items() if one is not None}


def gradient_at(layer: str, evaluation: Evaluation, network: Network, target: Target, batch: Batch) -> tf.Tensor:
    """Args:
      network, target, batch: of the evaluation; they are traced once more to say where gradients end.

    Raises:
      ValueError: no gradient reaches what the layer gives.
    """
    if layer not in evaluation.activation_gradients:
        raise ValueError(
            f"the target does not depend on what layer {layer!r} gives, or only through rounding, argmax, whole "
            f"numbers or an op without a gradient: none reaches it{_ends_behind(layer, network, target, batch)}; name "
            "a layer between the inputs and the explained output, before its softmax, or give the layer that it ends "
            "at a gradient (tf.custom_gradient)"
        )
    return evaluation.activation_gradients[layer]


def _ends_behind(layer: str, network: Network, target: Target, batch: Batch) -> str:
    ends = ""

    def trace(batch: Batch) -> None:
        nonlocal ends
        run = network.run(batch.inputs, batch.features, (layer,), batch.replaced)
        columns = target.columns(run.outputs, batch.examples) if batch.columns is None else batch.columns
        ends = _ends([run.activations[layer]], target.score(run.outputs, columns))

    tf.function(trace, autograph=False).get_concrete_function(batch)
    return ends


def _ends(sources: list[tf.Tensor], values: tf.Tensor) -> str:
    """Names the ops, and so the layers, at which gradients on the way back to `sources` end."""
    found = [f"{op.type} ({op.name})" for op in ends_of_gradients(sources, values)]
    return f"; it ends at {', '.join(found[:3])}" if found else ""


def no_gradient(values: tf.Tensor, features: list[tf.Tensor]) -> str:
    """Why none reaches the features; of a traced model with the op that it ends at, whose name tells the layer."""
    if not _in_graph(values, *features):  # eager, or taken into a user's graph
        ends = ""
    elif not descendants(features) & ancestors([values]):
        return "the target does not depend on the inputs: the explained output is the same for all of them"
    else:
        ends = _ends(features, values)
    return (
        "the target does not depend on the inputs, or only through bins (Discretization), rounding, argmax, whole "
        f"numbers or an op without a gradient: none reaches any of them{ends}. Explain the part of the model behind "
        "these, or give the layer a gradient (tf.custom_gradient)"
    )


def _check_activations(activations: Layers) -> None:
    for layer, output in activations.items():
        if not output.dtype.is_floating:
            raise ValueError(
                f"layer {layer!r} gives {output.dtype.name}, and scores belong to floats; name a layer behind it"
            )


def check_values(values: tf.Tensor, features: Structure) -> None:
    count = tf.nest.flatten(features)[0].shape[0]  # None where the model works it out, as from raw strings
    if values.shape.rank != 1 or (None not in (count, values.shape[0]) and values.shape[0] != count):
        raise ValueError(f"a target must give one number per example, shape [{count}]; it gave {values.shape}")
