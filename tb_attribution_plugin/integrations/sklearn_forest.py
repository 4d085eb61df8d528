"""The trees of RandomForest and ExtraTrees."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from tb_attribution_plugin.integrations.sklearn_nodes import Encoded, forest_tree, plain
from tb_attribution_plugin.integrations.target import Floats, Head
from tb_attribution_plugin.integrations.tree import Tree


class Forest:
    averaged = True

    def head(self, model: Any) -> Head:
        if not hasattr(model, "classes_"):
            return Head("values", model.n_outputs_)
        if model.n_outputs_ > 1:
            raise ValueError(f"the forest tells {model.n_outputs_} labels at once; fit one forest per label")
        return Head("probabilities", model.n_classes_)

    def rounds(self, model: Any) -> int:
        return len(model.estimators_)

    def first(self, model: Any) -> Any:
        return model.estimators_[0]

    def trees(self, model: Any, first: int, last: int) -> Iterator[Tree]:
        for one in model.estimators_[first:last]:
            value = one.tree_.value
            if hasattr(model, "classes_"):
                votes = value[:, 0, :]
                yield forest_tree(one.tree_, votes / votes.sum(axis=1, keepdims=True))
            else:
                yield forest_tree(one.tree_, value[:, :, 0])

    def encoded(self, model: Any, rows: Any) -> Encoded:
        return plain(rows)

    def intercept(self, model: Any) -> Floats:
        return np.zeros(1)

    def raw(self, model: Any, rows: Any, rounds: int) -> Floats:
        values = np.asarray(rows, np.float32)
        each = [
            one.predict_proba(values) if hasattr(model, "classes_") else one.predict(values).reshape(len(values), -1)
            for one in model.estimators_[:rounds]
        ]
        return np.asarray(np.mean(each, axis=0), np.float64)

    def predictions(self, model: Any, raw: Floats) -> Floats:
        return raw
