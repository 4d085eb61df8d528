"""The trees of GradientBoosting and HistGradientBoosting.

Much of it has no public name; what is read is checked by its sum.
"""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

from tb_attribution_plugin.integrations.sklearn_nodes import Encoded, forest_tree, histogram_tree, plain
from tb_attribution_plugin.integrations.target import Floats, Head, probabilities
from tb_attribution_plugin.integrations.tree import Tree

_LOGARITHMIC = ("poisson", "gamma")


class Gradient:
    averaged = False

    def head(self, model: Any) -> Head:
        if model.init not in (None, "zero"):
            raise ValueError(f"the model starts from init={model.init!r}, which is no tree; fit it with init=None")
        return _boosted_head(model, model.n_trees_per_iteration_)

    def rounds(self, model: Any) -> int:
        return sum(one is not None for one in model.estimators_[:, -1])  # all but those of an interrupted fit

    def first(self, model: Any) -> Any:
        return model.estimators_[0, 0]

    def trees(self, model: Any, first: int, last: int) -> Iterator[Tree]:
        units, scale = model.n_trees_per_iteration_, model.learning_rate * self._logits(model)
        for stage in model.estimators_[first:last]:
            for unit, one in enumerate(stage):
                value = np.zeros((one.tree_.node_count, units))
                value[:, unit] = one.tree_.value[:, 0, 0] * scale
                yield forest_tree(one.tree_, value)

    def encoded(self, model: Any, rows: Any) -> Encoded:
        return plain(rows)

    def intercept(self, model: Any) -> Floats:
        found = model._raw_predict_init(np.zeros((1, model.n_features_in_), np.float32))[0]
        return np.asarray(found * self._logits(model), np.float64)

    def raw(self, model: Any, rows: Any, rounds: int) -> Floats:
        return _staged(model, rows, rounds) * self._logits(model)

    def predictions(self, model: Any, raw: Floats) -> Floats:
        return probabilities(_boosted_head(model, raw.shape[1]), raw) if hasattr(model, "classes_") else raw[:, 0]

    @staticmethod
    def _logits(model: Any) -> float:
        """Logits per unit of what the trees add up to: with loss='exponential' that is half of one."""
        return 2.0 if model.loss == "exponential" else 1.0


class Histogram:
    averaged = False

    def head(self, model: Any) -> Head:
        return _boosted_head(model, model.n_trees_per_iteration_)

    def rounds(self, model: Any) -> int:
        return int(model.n_iter_)

    def first(self, model: Any) -> Any:
        return model._predictors[0][0]

    def trees(self, model: Any, first: int, last: int) -> Iterator[Tree]:
        units = model.n_trees_per_iteration_
        for stage in model._predictors[first:last]:
            for unit, one in enumerate(stage):
                yield histogram_tree(one, unit, units)

    def encoded(self, model: Any, rows: Any) -> Encoded:
        values = np.asarray(model._preprocess_X(rows, reset=False), np.float64)
        if model.is_categorical_ is None:
            return Encoded(values, np.arange(values.shape[1]))
        # Categories come first there.
        return Encoded(values, np.argsort(~model.is_categorical_, kind="stable"))

    def intercept(self, model: Any) -> Floats:
        return np.asarray(model._baseline_prediction, np.float64).reshape(-1)

    def raw(self, model: Any, rows: Any, rounds: int) -> Floats:
        return _staged(model, rows, rounds)

    def predictions(self, model: Any, raw: Floats) -> Floats:
        if hasattr(model, "classes_"):
            return probabilities(_boosted_head(model, raw.shape[1]), raw)
        return np.exp(raw[:, 0]) if model.loss in _LOGARITHMIC else raw[:, 0]


def _boosted_head(model: Any, units: int) -> Head:
    if not hasattr(model, "classes_"):
        return Head("values", 1, "log value" if model.loss in _LOGARITHMIC else "value")
    return Head("binary", 1) if units == 1 else Head("classes", units)


def _staged(model: Any, rows: Any, rounds: int) -> Floats:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "X does not have valid feature names")
        found = next(itertools.islice(model._staged_raw_predict(rows), rounds - 1, None))
    return np.array(found, np.float64)
