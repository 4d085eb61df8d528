"""What an ensemble of scikit-learn says of its trees."""

from __future__ import annotations

from typing import Any

import numpy as np

from tb_attribution_plugin.integrations.ensemble import INTERVENTIONAL, PATH_DEPENDENT, Explained, closed, summed
from tb_attribution_plugin.integrations.sklearn_kinds import kind_of
from tb_attribution_plugin.integrations.table import Table
from tb_attribution_plugin.integrations.target import Floats


class EnsembleExplainer:
    """Contributions by `tree_shap`; those of new trees are added to those of the trees before.

    A forest is the mean of its trees: what they vote for a class, or their values.
    """

    def __init__(self, model: Any, table: Table, perturbation: str = PATH_DEPENDENT) -> None:
        """Raises:
        ValueError, TypeError: the model has no trees that can be explained, or other columns than the table.
        """
        self._kind = kind_of(model)
        self.head = self._kind.head(model)
        self.table = table.fitted(tuple(getattr(model, "feature_names_in_", ())), model.n_features_in_)
        self.trees_explained = 0
        self._rows = self._kind.encoded(model, self.table.rows)
        background = self.table.background if perturbation == INTERVENTIONAL else None
        self._background = None if background is None else self._kind.encoded(model, background).values
        self._rounds, self._scores = 0, np.zeros((*self._rows.values.shape, self.head.units))
        self._base = self._kind.intercept(model)

    def __call__(self, model: Any, rounds: int) -> Explained:
        rows, units = self._rows, self.head.units
        if rounds > self._rounds:
            new = summed(self._kind.trees(model, self._rounds, rounds), rows.values, self._background, units)
            self._scores, self._base = self._scores + new.scores, self._base + new.base
            self.trees_explained += rounds - self._rounds
            self._rounds = rounds
        count = rounds if self._kind.averaged else 1
        outputs = self._kind.raw(model, self.table.rows, rounds)
        scores = np.empty_like(self._scores)
        scores[:, rows.columns] = self._scores / count
        predictions: Floats = self._kind.predictions(model, outputs)
        return closed(Explained(scores, self._base / count, outputs, predictions))
