"""What maps inputs to outputs: a Keras model (`training.keras_model`) or a plain function."""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import NamedTuple, NoReturn, Protocol

import tensorflow as tf

from tb_attribution_plugin.methods.heads import Outputs
from tb_attribution_plugin.methods.rows import Structure

Layers = dict[str, tf.Tensor]  # layer -> its output, [B, ...]


class Run(NamedTuple):
    """One forward pass over one batch."""

    outputs: Outputs
    activations: Layers


class Wanted(enum.IntEnum):
    """How far back an evaluation goes: what it gives includes what lesser ones give."""

    VALUES = 0
    ACTIVATIONS = 1
    AT_LAYERS = 2
    AT_FEATURES = 3


class Evaluation(NamedTuple):
    """Forward (and backward) at one place. Gradients are of `values` by row."""

    values: tf.Tensor  # [B] the explained scalar
    columns: tuple[tf.Tensor, ...]  # each [B], the output columns it was made of
    outputs: Outputs
    gradients: Structure  # like the features; () where nobody asked
    activations: Layers  # float32
    activation_gradients: Layers  # float32, without the layers that no gradient reaches


class Network(Protocol):
    """A thing that maps inputs to outputs, one batch at a time.

    Attributes:
      batch_size: rows at which one evaluation is fastest and still fits.
      needs_graph: `run` reads the traced graph, so that eager calls are traced first.
    """

    batch_size: int
    needs_graph: bool

    def unrolled(self) -> Network:
        """The same with its loops over time written out, so that every operation of them is seen."""

    def takes_ids(self, inputs: Structure) -> Structure:
        """In the structure of the inputs: True where an input is token ids, and scores live at its embedding."""

    def features(self, inputs: Structure) -> Structure:
        """The first float tensors that depend on the inputs, in the structure of the inputs, each [B, ...] float32."""

    def onto_inputs(self, scores: Structure) -> Structure:
        """Scores at the features as scores at the inputs: [B, tokens, width] of an embedding becomes [B, tokens]."""

    def layer(self, name: str | None, /) -> str:
        """The full name of a layer; None names the default layer of a class activation map."""

    def grid(self, layer: str, /) -> Callable[[tf.Tensor], tf.Tensor]:
        """What lays a layer's output, or the gradient there, on the layer's grid: [B, *grid, C].

        Raises:
          ValueError: the layer has no grid; names those that have one.
        """

    def shape(self, layer: str, /) -> tuple[int | None, ...]:
        """Of a layer's output, [B, ..., C]."""

    def patches(self, tokens: int, /) -> Callable[[tf.Tensor], tf.Tensor] | None:
        """What lays so many tokens, [B, tokens, C], on the grid of the patches that they are, [B, rows, columns, C].

        None where they are no patches of a picture.
        """

    def onto_places(self, layer: str, scores: tf.Tensor) -> tf.Tensor:
        """Scores of a layer's output; for vectors of token ids one per token, the sum over the embedding axis."""

    def run(self, inputs: Structure, features: Structure, taps: tuple[str, ...], replaced: Layers) -> Run:
        """Runs forward at `features`; masks, positions and whatever is not a feature stay those of `inputs`.

        Args:
          taps: layers whose outputs are recorded.
          replaced: what to hand on in place of the outputs of these layers.
        """


class Function:
    """A plain function as a network: scores live at its inputs."""

    def __init__(self, function: Callable[[Structure], tf.Tensor], batch_size: int) -> None:
        self._function = function
        self.batch_size = batch_size
        self.needs_graph = False

    def unrolled(self) -> Function:
        return self

    def takes_ids(self, inputs: Structure) -> Structure:
        return tf.nest.map_structure(lambda tensor: False, inputs)

    def features(self, inputs: Structure) -> Structure:
        return tf.nest.map_structure(lambda tensor: tf.cast(tensor, tf.float32), inputs)

    def onto_inputs(self, scores: Structure) -> Structure:
        return scores

    def layer(self, name: str | None, /) -> NoReturn:
        raise ValueError(f"a plain function has no layers to tap (asked for {name!r}); explain a Keras model instead")

    grid = shape = layer  # without a layer neither has an answer but this error

    def patches(self, tokens: int, /) -> None:
        return None

    def onto_places(self, layer: str, scores: tf.Tensor) -> tf.Tensor:
        return scores

    def run(self, inputs: Structure, features: Structure, taps: tuple[str, ...], replaced: Layers) -> Run:
        values = tf.convert_to_tensor(self._function(features))
        return Run(Outputs(values, (values,), (values,)), {})


def or_zeros(gradient: tf.Tensor | None, source: tf.Tensor) -> tf.Tensor:
    return tf.zeros_like(source) if gradient is None else tf.convert_to_tensor(gradient)
