"""Methods on one probe, traced once and run again and again as the weights change."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from tb_attribution_plugin.attribution import Attribution
from tb_attribution_plugin.logging.voice import say
from tb_attribution_plugin.methods import contract, targets
from tb_attribution_plugin.methods.rows import Structure
from tb_attribution_plugin.methods.together import Together
from tb_attribution_plugin.training.keras_model import KerasModel
from tb_attribution_plugin.training.traced import Halving


@dataclasses.dataclass(frozen=True, eq=False)
class Job:
    """One method on one target."""

    method: Any
    target: targets.Target


@dataclasses.dataclass(frozen=True, eq=False)
class Results:
    """NumPy.

    Attributes:
      attributions: by tag.
      columns: by tag, the output column that was explained, int [B]; None where the target has none.
      predictions: by tag, what the explained output predicts: [B, classes] probabilities or [B] values of a
        regression; no entry where the target is a function of the outputs.
    """

    attributions: dict[str, Attribution]
    columns: dict[str, np.ndarray | None]
    predictions: dict[str, np.ndarray]

    @classmethod
    def merged(cls, parts: Iterable[Results]) -> Results:
        """Those of several runs as if they were of one."""
        whole = cls({}, {}, {})
        for part in parts:
            whole.attributions.update(part.attributions)
            whole.columns.update(part.columns)
            whole.predictions.update(part.predictions)
        return whole


class Compiled:
    """A group of jobs as one graph; what they evaluate at the same place is evaluated once.

    Attributes:
      traces: how often the group was traced: once, and once more for each time a batch did not fit the device.
      batch_size: rows per evaluation.
    """

    def __init__(self, network: KerasModel, inputs: Structure, jobs: Mapping[str, Job]) -> None:
        self._network = network
        self._jobs = dict(jobs)
        most = len(tf.nest.flatten(inputs)[0]) * max(job.method.cost() for job in self._jobs.values())
        self._halving = Halving(self._explain, inputs, network.batch_size, most)

    @property
    def traces(self) -> int:
        return self._halving.traces

    @property
    def batch_size(self) -> int:
        return self._halving.batch_size

    def __call__(self) -> Results:
        """Explains the probe with the weights as they are now."""
        began_with = self.batch_size
        attributions, columns, predictions = self._halving()
        if self.batch_size < began_with:
            say(
                f"attribution: {', '.join(self._jobs)}: more rows do not fit into memory at once, so from now on "
                f"{self.batch_size} at a time are evaluated"
            )
        return Results(
            {tag: Attribution(**fields) for tag, fields in attributions.items()},
            {tag: found[0] if found else None for tag, found in columns.items()},
            predictions,
        )

    def _explain(self, inputs: Structure, batch_size: int) -> tuple[Any, Any, Any]:
        layers = dict.fromkeys(job.method.layer for job in self._jobs.values() if hasattr(job.method, "layer"))
        together = Together(self._network)
        # A model joins the targets that are evaluated together: one for each, however many jobs explain it.
        models = {
            key: contract.Model(self._network, target, taps=tuple(layers), batch_size=batch_size, together=together)
            for key, target in {id(job.target): job.target for job in self._jobs.values()}.items()
        }
        attributions: dict[str, Any] = {}
        columns: dict[str, Any] = {}
        predictions: dict[str, tf.Tensor] = {}
        # Those at a layer are last: what goes back to the inputs gives them theirs.
        for tag, job in sorted(self._jobs.items(), key=lambda item: hasattr(item[1].method, "layer")):
            model = models[id(job.target)]
            attribution = job.method(model, inputs)
            # None is no tensor; a field that a method does not fill is left out of the graph.
            attributions[tag] = {k: v for k, v in attribution._asdict().items() if v is not None}
            evaluation = model.evaluate(inputs)
            columns[tag] = list(evaluation.columns[:1])
            if job.target.predictions is not None:
                predictions[tag] = job.target.predictions(evaluation.outputs, evaluation.columns)
        return attributions, columns, predictions
