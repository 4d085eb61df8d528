"""What a method may ask of a model, and nothing else.

A method is a frozen dataclass with one call, `method(model, inputs) -> Attribution`. The `Model` it gets already
knows which scalar is explained, so methods never see class indices, softmaxes or Keras. Scores live at the *features*:
the first float tensors that depend on the inputs (the inputs themselves; the embedding of token ids).

`Model` is made of a `Network` (what is called, `network.py`) and a `Target` (what is explained, `targets.py`).
It adds what all methods need: chunks of the best size, and a memo, so that methods asked for together evaluate the
model once where they evaluate it at the same place. Models of one network that differ in their target are `Together`:
where no gradient is asked for, one forward pass answers for all of them (`together.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, ClassVar, Protocol

import tensorflow as tf

from tb_attribution_plugin.attribution import Attribution
from tb_attribution_plugin.methods import rows, targets
from tb_attribution_plugin.methods.backward.attention import Attention, attention
from tb_attribution_plugin.methods.backward.carried import Carried, Rules, carried
from tb_attribution_plugin.methods.backward.chunks import in_chunks
from tb_attribution_plugin.methods.evaluated import Batch, evaluated, gradient_at
from tb_attribution_plugin.methods.network import Evaluation, Function, Layers, Network, Wanted
from tb_attribution_plugin.methods.rows import Structure
from tb_attribution_plugin.methods.together import Together


class Method(Protocol):
    """One attribution method: its fields are its whole configuration.

    A field called `baseline`, `background` or `layer` is resolved once per probe before the first call
    (`resolution.py`); in a direct call it is resolved from the call's own inputs. A property `shares` makes methods of
    several evaluations that have it equal be compiled together, so that `Model.once` serves them all; a class
    attribute `joins_targets` does so for one method on several targets, `correlated_errors` says that the standard
    errors of neighbours and channels come from the same masks, `per_place` that all channels of a place have its
    score, of which a log holds one and the mean over a block, and `rules` is what is carried back instead of gradients
    (`backward/`); a property `tag` replaces the name as tag.

    Attributes:
      name: string name and tag, "integrated_gradients".
      error_kind: what `Attribution.residual` is: "gap", "standard_error", "one_minus_r2", "absorbed",
        "map_difference" or "none".
      additive: sums over scores mean something.
      class_sensitive: the map depends on the target.
      weight_sensitive: the map depends on the weights of all layers.
    """

    name: ClassVar[str]
    error_kind: ClassVar[str]
    additive: ClassVar[bool]
    class_sensitive: ClassVar[bool]
    weight_sensitive: ClassVar[bool]

    @property
    def signed(self) -> bool:
        """False where scores are never negative."""

    def cost(self) -> int:
        """Model evaluations per example. Methods of cost 1 are compiled together and share theirs."""

    def __call__(self, model: Model, inputs: Structure) -> Attribution: ...


class Model:
    """A network and the scalar of its outputs that is explained, one per example."""

    def __init__(
        self,
        network: Network,
        target: targets.Target,
        *,
        taps: tuple[str, ...] = (),
        batch_size: int | None = None,
        columns: tuple[tf.Tensor, ...] | None = None,
        together: Together | None = None,
    ) -> None:
        """Args:
        taps: layers that methods of this group will ask for, so that one evaluation serves them all.
        batch_size: at most this many rows at a time; None is the network's own.
        columns: resolved output columns, each [B]; None resolves them at the inputs.
        together: what models of the same network and other targets are in too.
        """
        self._network = network
        self._target = target
        self._taps = taps
        self._columns = columns
        self._memo: dict[tuple[tuple[int, ...], int], tuple[Structure, Evaluation]] = {}
        self._shared: dict[tuple[tuple[int, ...], Hashable], tuple[Structure, Any]] = {}
        self._in_graph = tf.function(self._once, autograph=False)
        self.batch_size = batch_size or network.batch_size
        self.features = network.features
        self.takes_ids = network.takes_ids
        self.onto_inputs = network.onto_inputs
        self.layer, self.grid, self.shape, self.patches = network.layer, network.grid, network.shape, network.patches
        self.onto_places = network.onto_places
        self.together = Together(network) if together is None else together
        self.place = self.together.join(target, self._columns_at)

    def values(self, inputs: Structure, features: Structure | None = None) -> tf.Tensor:
        """The explained scalar, [B], at the inputs or at other features of them. Forward only."""
        return self._at(inputs, features, Wanted.VALUES).values

    def gradients(self, inputs: Structure, features: Structure | None = None) -> tuple[tf.Tensor, Structure]:
        """The explained scalar [B] and its gradient, float32, in the structure of the features."""
        evaluation = self._at(inputs, features, Wanted.AT_FEATURES)
        return evaluation.values, evaluation.gradients

    def tap(
        self, inputs: Structure, layer: str | None, features: Structure | None = None
    ) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        """The explained scalar [B], a layer's output [B, ...] and the scalar's gradient there."""
        name = self._network.layer(layer)
        evaluation = self._with(name, inputs, features, Wanted.AT_LAYERS)
        return evaluation.values, evaluation.activations[name], self._gradient_at(name, evaluation, inputs)

    def activations(
        self, inputs: Structure, layer: str | None, features: Structure | None = None
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """The explained scalar [B] and a layer's output [B, ...]. Forward only."""
        name = self._network.layer(layer)
        evaluation = self._with(name, inputs, features, Wanted.ACTIVATIONS)
        return evaluation.values, evaluation.activations[name]

    def replaced(self, inputs: Structure, layer: str, output: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """The explained scalar [B] at the inputs, with `output` [B, ...] in place of a layer's own; its gradient."""
        name = self._network.layer(layer)
        evaluation = self._chunked(inputs, self.features(inputs), (name,), Wanted.AT_LAYERS, {name: output})
        return evaluation.values, self._gradient_at(name, evaluation, inputs)

    def carried(
        self, inputs: Structure, rules: Rules, features: Structure | None = None, reference: Structure | None = None
    ) -> Carried:
        """What goes back by `rules` instead of the gradient, from the inputs or from other features of them.

        Args:
          reference: features of as many rows to compare with, for rules of differences.
        """

        def run(batch: Batch, reference: Structure | None) -> Carried:
            return carried(self._network.unrolled(), self._target, batch, rules, reference)

        return in_chunks(run, self._batch(inputs, features), reference, self.batch_size)

    def attention(self, inputs: Structure) -> Attention:
        """The attention weights at the inputs, and the explained scalar's gradients there."""

        def run(batch: Batch, _: None) -> Attention:
            return attention(self._network.unrolled(), self._target, batch)

        return in_chunks(run, self._batch(inputs, None), None, self.batch_size)

    def evaluate(self, inputs: Structure) -> Evaluation:
        """Everything at the inputs themselves, forward only; shared with the methods of this model."""
        return self._at(inputs, None, Wanted.VALUES)

    def once(self, key: Hashable, inputs: Structure, make: Callable[[], Any]) -> Any:
        """What `make` computes at these inputs, shared by the methods of this model that give an equal key."""
        place = tuple(id(tensor) for tensor in tf.nest.flatten(inputs)), key
        if place not in self._shared:
            self._shared[place] = (inputs, make())
        return self._shared[place][1]

    def take(self, inputs: Structure, index: tf.Tensor) -> tuple[Model, Structure]:
        """The model and the inputs for rows that are copies of the examples `index`."""
        columns = tuple(tf.gather(column, index) for column in self._columns_at(inputs))
        model = Model(self._network, self._target, batch_size=self.batch_size, columns=columns)
        return model, rows.gather(inputs, index)

    def _columns_at(self, inputs: Structure) -> tuple[tf.Tensor, ...]:
        return self._columns if self._columns is not None else self.evaluate(inputs).columns

    def _gradient_at(self, layer: str, evaluation: Evaluation, inputs: Structure) -> tf.Tensor:
        return gradient_at(layer, evaluation, self._network, self._target, self._batch(inputs, None))

    def _with(self, layer: str, inputs: Structure, features: Structure | None, wanted: Wanted) -> Evaluation:
        if features is not None:
            return self._chunked(inputs, features, (layer,), wanted, {})
        if layer not in self._taps:
            self._taps = (*self._taps, layer)
            self._memo.clear()  # what was evaluated before did not record this layer
        return self._at(inputs, None, wanted)

    def _at(self, inputs: Structure, features: Structure | None, wanted: Wanted) -> Evaluation:
        if features is not None:
            return self._chunked(inputs, features, (), wanted, {})
        key = tuple(id(tensor) for tensor in tf.nest.flatten(inputs))
        level = next((one for one in Wanted if one >= wanted and (key, one) in self._memo), wanted)
        if (key, level) not in self._memo:
            taps = self._taps if wanted > Wanted.VALUES else ()
            # The inputs are kept so that no other tensor can get their id.
            self._memo[key, level] = (inputs, self._chunked(inputs, self.features(inputs), taps, wanted, {}))
        return self._memo[key, level][1]

    def _chunked(
        self, inputs: Structure, features: Structure, taps: tuple[str, ...], wanted: Wanted, replaced: Layers
    ) -> Evaluation:
        count = tf.nest.flatten(inputs)[0].shape[0]
        batch = Batch(inputs, features, tf.range(count), self._columns, replaced)
        if count <= self.batch_size:
            return self._once(batch, taps, wanted)
        return rows.mapped(lambda index: self._once(rows.gather(batch, index), taps, wanted), count, self.batch_size)

    def _batch(self, inputs: Structure, features: Structure | None) -> Batch:
        at = self.features(inputs) if features is None else features
        columns = self._columns if features is None else self._columns_at(inputs)
        return Batch(inputs, at, tf.range(tf.nest.flatten(inputs)[0].shape[0]), columns, {})

    def _once(self, batch: Batch, taps: tuple[str, ...], wanted: Wanted) -> Evaluation:
        if self._network.needs_graph and tf.executing_eagerly():
            return self._in_graph(batch, taps, wanted)
        return evaluated(self._network, self._target, batch, taps, wanted)


def from_function(function: Callable[[Structure], tf.Tensor], batch_size: int = 1024) -> Model:
    """A model from a plain function, for methods called directly.

    Args:
      function: float inputs [B, ...] (or a structure of them) -> the explained scalar, [B].
    """
    return Model(Function(function, batch_size), targets.identity())
