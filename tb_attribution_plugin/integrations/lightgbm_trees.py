"""What a LightGBM booster says of its trees."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import lightgbm
import numpy as np

from tb_attribution_plugin.integrations.ensemble import (
    INTERVENTIONAL,
    PATH_DEPENDENT,
    Explained,
    Grown,
    check_one,
    closed,
    summed,
)
from tb_attribution_plugin.integrations.frame import numbers, recoded
from tb_attribution_plugin.integrations.lightgbm_json import trees
from tb_attribution_plugin.integrations.table import Table
from tb_attribution_plugin.integrations.target import Floats, Head, probabilities
from tb_attribution_plugin.integrations.tree_shap import Shares

# What LightGBM calls columns that have no name.
_UNNAMED = "Column_"
_SIGMOID = re.compile(r"(sigmoid):(\S+)")
_VALUES = {
    "poisson": "log value",
    "gamma": "log value",
    "tweedie": "log value",
    "cross_entropy": "logit",
    "cross_entropy_lambda": "raw score",  # z, of which log(1 + exp(z)) is predicted
    "regression sqrt": "signed root",  # z, of which sign(z) z^2 is predicted
}
_THREADS = ("num_threads", "num_thread", "nthread", "nthreads", "n_jobs")


class BoosterExplainer:
    """LightGBM's own contributions (`pred_contrib`), or those to a background; of new rounds added to those before.

    Where earlier trees change afterwards (dart weighs them anew) all are looked into again. A random forest is the mean
    of its trees; LightGBM's raw scores and contributions of it are their sum, and divided here.
    """

    def __init__(
        self, booster: Any, table: Table, perturbation: str = PATH_DEPENDENT, params: Mapping[str, Any] | None = None
    ) -> None:
        """Args:
          params: that the booster is trained with.

        Raises:
          ValueError, TypeError: the booster has no trees that can be explained, or other columns than the table.
        """
        check_one(booster, lightgbm)
        params = {**booster.params, **(params or {})}
        if params.get("linear_tree") or params.get("linear_trees"):
            raise ValueError("LightGBM does not explain linear trees; train with linear_tree=False")
        kinds = {params.get(alias) for alias in ("boosting", "boosting_type", "boost")}
        self._averaged = bool(kinds & {"rf", "random_forest"})
        self.grown = Grown(self._of, additive="dart" not in kinds)
        # Every call sets how many threads LightGBM has from then on: training keeps its own number.
        self._threads = {alias: params[alias] for alias in _THREADS if alias in params}
        objective = booster.dump_model(num_iteration=1).get("objective", "")
        self.head = _head(objective, booster.num_model_per_iteration())
        # Logits per unit of a raw score.
        self._logits = float(dict(_SIGMOID.findall(objective)).get("sigmoid", 1.0))
        # LightGBM puts _ where a name has a blank.
        own = {name.replace(" ", "_"): name for name in table.names}
        names = booster.feature_name()
        named = not all(name == f"{_UNNAMED}{at}" for at, name in enumerate(names))
        self.table = table.fitted([own.get(name, name) for name in names] if named else (), booster.num_feature())
        interventional = perturbation == INTERVENTIONAL
        held = (self.table.rows, self.table.background) if interventional else (self.table.rows,)
        codes = [numbers(recoded(rows, booster.pandas_categorical)).astype(np.float64) for rows in held]
        self._codes = codes if interventional else None

    def __call__(self, model: Any, rounds: int) -> Explained:
        rows = self.table.rows
        outputs = self._raw(model, rows, rounds)
        scores, base = self.grown.upto(model, rounds)
        if self._codes is not None:
            base = self._raw(model, self.table.background, rounds).mean(axis=0)
        scale = self._logits / (rounds if self._averaged else 1)
        outputs = outputs * scale
        if self.head.kind == "values":
            predictions = np.asarray(model.predict(rows, num_iteration=rounds, **self._threads), np.float64)
        else:
            predictions = probabilities(self.head, outputs)
        return closed(Explained(scores * scale, base * scale, outputs, predictions))

    def _of(self, model: Any, first: int, last: int) -> Shares:
        units = self.head.units
        if self._codes is not None:
            own, others = self._codes
            return summed(trees(model, first, last, units), own, others, units)
        # Of a copy: contributions of a booster that has grown since they were asked for last end the process, as
        # LightGBM measures the depth of its trees only once.
        text = model.model_to_string(start_iteration=first, num_iteration=last - first)
        found = lightgbm.Booster(model_str=text).predict(self.table.rows, pred_contrib=True, **self._threads)
        return Shares.of_library(found, units)

    def _raw(self, model: Any, rows: Any, rounds: int) -> Floats:
        found = np.asarray(model.predict(rows, raw_score=True, num_iteration=rounds, **self._threads), np.float64)
        return found.reshape(len(found), -1)


def _head(objective: str, units: int) -> Head:
    name = objective.split(" ")[0]
    if units > 1:
        return Head("one_vs_rest" if name == "multiclassova" else "classes", units)
    if name == "binary":
        return Head("binary", 1)
    return Head("values", 1, _VALUES.get(objective, _VALUES.get(name, "value")))
