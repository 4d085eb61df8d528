"""One forward trace of a model that finds out what the seam must know: heads, layers, where scores live, size."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import keras
import tensorflow as tf

from tb_attribution_plugin.methods.dataflow import ancestors, descendants
from tb_attribution_plugin.methods.heads import Head
from tb_attribution_plugin.methods.rows import Structure
from tb_attribution_plugin.training import chance, graph, taps
from tb_attribution_plugin.training.calls import Call, RawCall
from tb_attribution_plugin.training.inlined import inlined
from tb_attribution_plugin.training.layer_names import channels_last
from tb_attribution_plugin.training.logits import end_of
from tb_attribution_plugin.training.outputs import outputs_of, tensors_of
from tb_attribution_plugin.training.patches import PatchGrid, deepest_with_patches, patch_grid
from tb_attribution_plugin.training.precision import full_precision
from tb_attribution_plugin.training.rejection import rejected
from tb_attribution_plugin.training.score_points import ScorePoint, score_point_of
from tb_attribution_plugin.training.untouched import untouched

# A map on such a layer would be that of the layer before it.
_NOT_DRAWN = (
    "pooling",
    "dropout",
    "identity",
    "reshape",
    "flatten",
    "permute",
    "padding",
    "cropping",
    "inputlayer",
    "transpose",
    "getitem",
    "squeeze",
    "expanddims",
    "cast",
)


@dataclasses.dataclass(frozen=True)
class Survey:
    """What one trace of a model showed.

    Attributes:
      heads: of all that the model returns.
      assumed: for each head, the "softmax" or "sigmoid" that only the compiled loss tells of, or None.
      calls: by name, in the order in which the layers ran.
      score_points: for each flat input, where it becomes a float.
      elements: activations per example, over all layers.
      largest: those of the layer that has most.
      draw: an operation that draws random numbers in inference, and whether it draws anew each time; None without.
    """

    heads: tuple[Head, ...]
    assumed: tuple[str | None, ...]
    calls: dict[str, Call]
    score_points: tuple[ScorePoint, ...]
    elements: int
    largest: int
    draw: tuple[str, bool] | None = None

    def default_layer(self) -> str:
        """The deepest layer with a grid on the path; for outputs with a grid of their own, the bottleneck."""
        choices = self.drawable()
        if not choices:
            saved = [call.name for call in self.calls.values() if isinstance(call.layer, keras.layers.TFSMLayer)]
            inside = f" (what is inside the SavedModel of {saved[0]!r} cannot be seen)" if saved else ""
            raise ValueError(
                f"no layer of the model has a spatial output to draw a class activation map on{inside}; "
                "use a method that explains the inputs, e.g. IntegratedGradients"
            )
        dense = any(head.kind == "other" for head in self.heads)
        patches = None if dense else deepest_with_patches(choices, list(self.calls.values()))
        if patches is not None:
            return channels_last(self.calls, patches.name)
        # Images keep their two axes; a sequence is drawn only where there is nothing else.
        rank = max(len(call.shape) for call in choices)
        choices = [call for call in choices if len(call.shape) == rank]
        if dense:
            smallest = min(call.grid for call in choices)
            choices = [call for call in choices if call.grid == smallest]
        return channels_last(self.calls, choices[-1].name)

    def patch_grid(self, name: str) -> PatchGrid | None:
        """Where a layer gives the tokens of a vision transformer, the grid that they are."""
        return patch_grid(self.calls[name], list(self.calls.values()))

    def drawable(self) -> list[Call]:
        return [call for call in self.calls.values() if call.drawable and call.on_path]


def survey(model: keras.Model, inputs: Structure) -> Survey:
    """Traces `model`, which is built, once on inputs of this shape; computes nothing.

    Raises:
      ValueError: the model rejects the inputs.
    """
    layers = taps.named_layers(model)
    paths = {id(layer): path for path, layer in layers.items()}
    found: list[Survey] = []

    def trace(*flat: tf.Tensor) -> None:
        raw: list[RawCall] = []
        sources = {id(tensor.op) for tensor in flat if tensor.dtype.is_integer}
        # Of the open calls: does one inside them read an integer input, or turn ids into floats?
        inner: list[tuple[bool, bool]] = []

        def record(layer: keras.Operation, number: int, args: tuple[Any, ...], call: Any) -> Any:
            given = args[0] if args and tf.is_symbolic_tensor(args[0]) else None  # constants have no op
            reads = given is not None and id(graph.source(given).op) in sources
            inner.append((False, False))
            result = call(*args)
            tensor = result[0] if isinstance(result, list | tuple) and result else result
            plain = isinstance(tensor, tf.Tensor)  # ragged and sparse ones have no op to follow
            ids = given is not None and not graph.source(given).dtype.is_floating
            turns = ids and plain and tensor.dtype.is_floating
            reads_inside, turns_inside = inner.pop()
            if inner:
                inner[-1] = (inner[-1][0] or reads or reads_inside, inner[-1][1] or turns or turns_inside)
            if plain:
                name = paths[id(layer)] + (f":{number}" if number else "")
                raw.append(
                    RawCall(name, layer, number, given, reads and not reads_inside, turns and not turns_inside, tensor)
                )
            return result

        with (
            untouched([model, *layers.values()]),
            keras.StatelessScope(),
            full_precision([model, *layers.values()]),
            inlined([model, *layers.values()]),
            taps.tapped(list(layers.values()), record),
        ):
            outputs = model(tf.nest.pack_sequence_as(inputs, flat), training=False)
        parts = {id(layer) for path, layer in layers.items() if _not_of_the_input(path, layers)}
        found.append(_survey(model, list(flat), raw, outputs, parts))

    specs = [tf.TensorSpec(tensor.shape, tensor.dtype) for tensor in tf.nest.flatten(inputs)]
    try:
        tf.function(trace, autograph=False).get_concrete_function(*specs)
    except Exception as error:
        raise rejected(model, inputs, error) from error
    return found[0]


def _not_of_the_input(path: str, layers: dict[str, keras.Operation]) -> bool:
    """Projections per head have axes that look like a grid and are none; a TimeDistributed layer sees single steps."""
    parents = path.split("/")[:-1]
    prefixes = ("/".join(parents[: depth + 1]) for depth in range(len(parents)))
    kinds = (type(layers[prefix]).__name__.lower() for prefix in prefixes if prefix in layers)
    return any("attention" in kind or "timedistributed" in kind for kind in kinds)


def _survey(
    model: keras.Model,
    flat_inputs: list[tf.Tensor],
    raw: list[RawCall],
    outputs: Any,
    parts: set[int],
) -> Survey:
    reached = descendants(flat_inputs)
    weighted = graph.weighted(flat_inputs[0].graph)
    ends = [end_of(output) for output in tf.nest.flatten(tensors_of(outputs))]
    reaching, whole = ancestors(ends), graph.whole(ends)
    attended = graph.attended(reached, reaching, flat_inputs[0].graph)
    calls: dict[str, Call] = {}
    tensors: set[int] = set()
    elements = largest = 0
    for name, layer, number, *_, tensor in raw:
        shape = tuple(tensor.shape)
        kind = type(layer).__name__.lower()
        # An axis of unknown length (texts) is one of more than one place.
        spatial = len(shape) >= 3 and shape[-1] is not None and any(side != 1 for side in shape[1:-1])
        same = id(tensor) in tensors  # a container hands on what its last layer returned
        named = any(word in kind for word in _NOT_DRAWN) or id(layer) in parts
        # Before the first weight there is nothing that the model has learned.
        drawable = tensor.dtype.is_floating and spatial and not same and not named and id(tensor.op) in weighted
        # What the outputs look through (a softmax) is not on the path, nor is what the inputs do not reach.
        on_path = id(tensor.op) in reaching and id(tensor.op) in reached
        sliced = on_path and id(tensor.op) not in whole
        inside = tensor.graph is not flat_inputs[0].graph
        call = Call(name, layer, number, shape, drawable, inside, on_path, sliced, id(tensor.op) in attended)
        calls[name] = call
        if not same:
            tensors.add(id(tensor))
            own = math.prod(side or 1 for side in shape[1:])
            elements, largest = elements + own, max(largest, own)
    score_points = tuple(score_point_of(source, raw, calls, ends, reaching) for source in flat_inputs)
    heads, assumed = outputs_of(model, outputs)
    draw = chance.draw((op for op in flat_inputs[0].graph.get_operations() if id(op) in reaching), weighted)
    return Survey(heads, assumed, calls, score_points, elements, largest, draw)
