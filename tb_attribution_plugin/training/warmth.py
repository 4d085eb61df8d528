"""Whether the moving statistics of BatchNormalization have caught up with training."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from tb_attribution_plugin.methods import contract, targets
from tb_attribution_plugin.methods.rows import Structure
from tb_attribution_plugin.training.batchnorm import DebiasedStatistics
from tb_attribution_plugin.training.keras_model import KerasModel
from tb_attribution_plugin.training.traced import Halving


class Warmth:
    """What the model predicts for the probe with moving and with debiased statistics: while they differ, maps lag."""

    def __init__(
        self, network: KerasModel, statistics: DebiasedStatistics, inputs: Structure, labels: np.ndarray | None
    ) -> None:
        """Traces both once.

        Args:
          labels: class indices, int [B]; None where they are not known.
        """
        self._labels = labels
        self._moving = _classes(network.using(None), inputs)
        self._debiased = _classes(network.using(statistics), inputs)

    def numbers(self) -> dict[str, float]:
        """The accuracy with either kind of statistics; without labels, the share of the probe on which they agree."""
        moving, debiased = (self._moving(), self._debiased())
        if self._labels is None:
            return {"agreement": float(np.mean(moving == debiased))}
        return {
            "accuracy_moving": float(np.mean(moving == self._labels)),
            "accuracy_debiased": float(np.mean(debiased == self._labels)),
        }


def _classes(network: KerasModel, inputs: Structure) -> Halving:
    """The predicted classes, int [B]."""
    examples = len(tf.nest.flatten(inputs)[0])
    target = targets.resolve("predicted", network.heads, examples=examples)

    def predicted(inputs: Structure, batch_size: int) -> tf.Tensor:
        return contract.Model(network, target, batch_size=batch_size).evaluate(inputs).columns[0]

    return Halving(predicted, inputs, network.batch_size, examples)
