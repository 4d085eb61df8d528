"""Several targets of one network."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from tb_attribution_plugin.methods import contract, targets
from tb_attribution_plugin.methods.together import Together
from tb_attribution_plugin.training.keras_model import KerasModel
from tb_attribution_plugin.training.resolution import resolved
from tests.methods import models
from tests.methods.test_contract import Counted


def rows_of_two_targets(method: Any) -> list[int]:
    """What a method evaluates of each example, on one target and then on another, f(x) not counted."""
    case = models.case("tabular_mlp")
    inputs = tf.constant(case.inputs)
    network = KerasModel(case.model, inputs)
    one, counted = resolved(method, network, inputs), Counted(network)
    together = Together(counted)
    both = [targets.resolve(label, network.heads, examples=models.EXAMPLES) for label in (0, 1)]
    joined = [contract.Model(counted, target, batch_size=10_000, together=together) for target in both]
    found = []
    for model in joined:
        model.values(inputs)
    for model in joined:
        before = int(counted.rows)
        one(model, inputs)
        found.append((int(counted.rows) - before) // models.EXAMPLES)
    return found
