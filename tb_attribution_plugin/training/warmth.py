"""Whether the moving statistics of BatchNormalization have caught up with training."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

from tb_attribution_plugin.methods import contract, targets
from tb_attribution_plugin.training.batchnorm import DebiasedStatistics
from tb_attribution_plugin.training.keras_model import KerasModel

MOVING, DEBIASED = "moving", "debiased"


class Warmth:
    """The probe's accuracy with moving and with debiased statistics: while they differ, maps show the lag."""

    def __init__(self, network: KerasModel, statistics: DebiasedStatistics, inputs: Any, labels: np.ndarray) -> None:
        """Traces both once.

        Args:
          labels: class indices, int [B].
        """
        self._inputs = tf.nest.flatten(inputs)
        self._structure = inputs
        self._labels = labels
        self._predictions = {
            MOVING: self._traced(network.using(None)),
            DEBIASED: self._traced(network.using(statistics)),
        }

    def accuracies(self) -> dict[str, float]:
        """By kind of statistics, 0 .. 1."""
        return {
            kind: float(np.mean(predictions(*self._inputs).numpy() == self._labels))
            for kind, predictions in self._predictions.items()
        }

    def _traced(self, network: KerasModel) -> Any:
        target = targets.resolve("predicted", network.heads, examples=len(self._labels))

        def predict(*flat: tf.Tensor) -> tf.Tensor:
            inputs = tf.nest.pack_sequence_as(self._structure, flat)
            evaluation = contract.Model(network, target).evaluate(inputs)
            return evaluation.columns[0]

        specs = [tf.TensorSpec(tensor.shape, tensor.dtype) for tensor in self._inputs]
        return tf.function(predict, autograph=False).get_concrete_function(*specs)
