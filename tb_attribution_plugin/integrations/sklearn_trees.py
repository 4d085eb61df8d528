"""What an ensemble of scikit-learn says of its trees."""

from __future__ import annotations

from typing import Any

import numpy as np

from tb_attribution_plugin.integrations.ensemble import INTERVENTIONAL, PATH_DEPENDENT, Explained, Grown, closed, summed
from tb_attribution_plugin.integrations.sklearn_kinds import kind_of
from tb_attribution_plugin.integrations.table import Table
from tb_attribution_plugin.integrations.tree_shap import Shares


class EnsembleExplainer:
    """Contributions by `tree_shap`; those of new trees are added to those of the trees before.

    A forest is the mean of its trees: what they vote for a class, or their values.
    """

    def __init__(self, model: Any, table: Table, perturbation: str = PATH_DEPENDENT) -> None:
        """Looks at the model and the columns.

        Raises:
          ValueError, TypeError: the model has no trees that can be explained, or other columns than the table.
        """
        self._kind = kind_of(model)
        self.head = self._kind.head(model)
        self.table = table.fitted(tuple(getattr(model, "feature_names_in_", ())), model.n_features_in_)
        self.grown = Grown(self._of)
        self._first = self._kind.first(model)
        self._rows = self._kind.encoded(model, self.table.rows)
        background = self.table.background if perturbation == INTERVENTIONAL else None
        self._background = None if background is None else self._kind.encoded(model, background).values

    def __call__(self, model: Any, rounds: int) -> Explained:
        if self._kind.first(model) is not self._first:
            raise ValueError(
                "the model has other trees than at the last log: it was fitted anew, not grown; fit it with "
                "warm_start=True, or log each model with a logger of its own"
            )
        outputs = self._kind.raw(model, self.table.rows, rounds)
        found = self.grown.upto(model, rounds)
        count = rounds if self._kind.averaged else 1
        scores = np.empty_like(found.scores)
        scores[:, self._rows.columns] = found.scores / count
        base = self._kind.intercept(model) + found.base / count
        return closed(Explained(scores, base, outputs, self._kind.predictions(model, outputs)))

    def _of(self, model: Any, first: int, last: int) -> Shares:
        return summed(self._kind.trees(model, first, last), self._rows.values, self._background, self.head.units)
