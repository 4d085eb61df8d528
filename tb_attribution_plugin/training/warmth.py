"""Whether the moving statistics of BatchNormalization have caught up with training."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

from tb_attribution_plugin.methods import contract, targets
from tb_attribution_plugin.training.batchnorm import DebiasedStatistics
from tb_attribution_plugin.training.keras_model import KerasModel


class Warmth:
    """What the model predicts for the probe with moving and with debiased statistics: while they differ, maps lag."""

    def __init__(
        self, network: KerasModel, statistics: DebiasedStatistics, inputs: Any, labels: np.ndarray | None
    ) -> None:
        """Traces both once.

        Args:
          labels: class indices, int [B]; None where they are not known.
        """
        self._inputs = tf.nest.flatten(inputs)
        self._structure = inputs
        self._labels = labels
        self._moving = self._traced(network.using(None))
        self._debiased = self._traced(network.using(statistics))

    def numbers(self) -> dict[str, float]:
        """The accuracy with either kind of statistics; without labels, the share of the probe on which they agree."""
        moving, debiased = (classes(*self._inputs).numpy() for classes in (self._moving, self._debiased))
        if self._labels is None:
            return {"agreement": float(np.mean(moving == debiased))}
        return {
            "accuracy_moving": float(np.mean(moving == self._labels)),
            "accuracy_debiased": float(np.mean(debiased == self._labels)),
        }

    def _traced(self, network: KerasModel) -> Any:
        target = targets.resolve("predicted", network.heads, examples=len(self._inputs[0]))

        def predict(*flat: tf.Tensor) -> tf.Tensor:
            inputs = tf.nest.pack_sequence_as(self._structure, flat)
            evaluation = contract.Model(network, target).evaluate(inputs)
            return evaluation.columns[0]

        specs = [tf.TensorSpec(tensor.shape, tensor.dtype) for tensor in self._inputs]
        return tf.function(predict, autograph=False).get_concrete_function(*specs)
