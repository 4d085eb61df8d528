"""What an XGBoost booster says of its trees."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import numpy as np
import xgboost

from tb_attribution_plugin.integrations.ensemble import (
    INTERVENTIONAL,
    PATH_DEPENDENT,
    Explained,
    Grown,
    check_one,
    closed,
    summed,
)
from tb_attribution_plugin.integrations.frame import check_categories, check_numbers, is_frame, numbers, recoded
from tb_attribution_plugin.integrations.table import Table
from tb_attribution_plugin.integrations.target import Floats, Head, probabilities
from tb_attribution_plugin.integrations.tree_shap import Shares
from tb_attribution_plugin.integrations.xgboost_json import categories, trees

_VALUES = {
    "count:poisson": "log value",
    "reg:gamma": "log value",
    "reg:tweedie": "log value",
    "survival:aft": "log value",
    "survival:cox": "log value",
    "reg:logistic": "logit",
    "binary:hinge": "raw score",  # of which a prediction is the sign
}


class _Rows(NamedTuple):
    """As trees see them, [rows, F], and as the booster takes them."""

    numbers: Floats
    matrix: xgboost.DMatrix


class BoosterExplainer:
    """XGBoost's own contributions (`pred_contribs`), or those to a background; of new rounds added to those before.

    Contributions are sums over trees, so a round is looked into once. Where earlier trees change afterwards (dart
    weighs them anew) all are looked into again.
    """

    def __init__(self, booster: Any, table: Table, perturbation: str = PATH_DEPENDENT) -> None:
        """Looks at the booster and the columns.

        Raises:
          ValueError, TypeError: the booster has no trees that can be explained, or other columns than the table.
        """
        check_one(booster, xgboost)
        learner = json.loads(booster.save_config())["learner"]
        kind = learner["gradient_booster"]["name"]
        if kind == "gblinear":
            raise ValueError("booster='gblinear' has no trees; Tree SHAP explains gbtree and dart")
        if learner["learner_train_param"]["multi_strategy"] == "multi_output_tree":
            raise ValueError(
                "XGBoost does not explain trees of several outputs; train with multi_strategy='one_output_per_tree'"
            )
        self.head = _head(learner)
        self.table = table.fitted(_names(booster), booster.num_features())
        interventional = perturbation == INTERVENTIONAL
        self.grown = Grown(self._to_background if interventional else self._own, additive=kind == "gbtree")
        self._intercept: Any = None
        if is_frame(self.table.rows):
            check_numbers(self.table.rows, [one == "c" for one in booster.feature_types or ()])
        self._own_rows = _rows(booster, self.table.rows)
        self._background = _rows(booster, self.table.background) if interventional else None
        self._coded = False

    def __call__(self, model: Any, rounds: int) -> Explained:
        self._code(model)
        outputs = _raw(model, self._own_rows.matrix, rounds)
        scores, base = self.grown.upto(model, rounds)
        if self._background is not None:
            base = _raw(model, self._background.matrix, rounds).mean(axis=0)
        if self.head.kind == "values":
            predictions = model.predict(self._own_rows.matrix, iteration_range=(0, rounds))
        else:
            predictions = probabilities(self.head, outputs)
        return closed(Explained(scores, base, outputs, np.asarray(predictions, np.float64)))

    def _code(self, model: Any) -> None:
        """Puts categories in the order of the booster, which it knows from its first round on.

        XGBoost does so itself where it predicts, but not with a slice of its rounds.
        """
        known = None if self._coded or not is_frame(self.table.rows) else categories(model)
        if known is not None:
            self._own_rows = _coded(model, self.table.rows, known)
            if self._background is not None:
                self._background = _coded(model, self.table.background, known)
        self._coded = True

    def _own(self, model: Any, first: int, last: int) -> Shares:
        """XGBoost's own, of these rounds; the intercept is in the base value of the first."""
        if first == 0:
            return self._of(model, last)
        if self._intercept is None:  # each slice has it: the first two rounds tell what it is
            self._intercept = sum(self._of(model[at : at + 1]).base for at in (0, 1)) - self._of(model, 2).base
        found = self._of(model[first:last])
        return Shares(found.scores, found.base - self._intercept)

    def _of(self, model: Any, rounds: int = 0) -> Shares:
        found = model.predict(self._own_rows.matrix, pred_contribs=True, iteration_range=(0, rounds))
        return Shares.of_library(found, self.head.units)

    def _to_background(self, model: Any, first: int, last: int) -> Shares:
        others = None if self._background is None else self._background.numbers
        return summed(trees(model[first:last], self.head.units), self._own_rows.numbers, others, self.head.units)


def _rows(booster: Any, rows: Any) -> _Rows:
    """In the columns and types of the booster, missing where NaN."""
    matrix = xgboost.DMatrix(
        rows,
        feature_names=booster.feature_names,
        feature_types=None if is_frame(rows) else booster.feature_types,
        enable_categorical=True,
        nthread=1,
    )
    return _Rows(numbers(rows).astype(np.float64), matrix)


def _coded(model: Any, rows: Any, known: list[list[Any]]) -> _Rows:
    found = recoded(rows, known)
    check_categories(rows, found)
    return _rows(model, found)


def _raw(model: Any, matrix: Any, rounds: int) -> Floats:
    """[rows, U], logits or values."""
    raw = model.predict(matrix, output_margin=True, iteration_range=(0, rounds))
    return np.asarray(raw, np.float64).reshape(len(raw), -1)


def _names(booster: Any) -> tuple[str, ...]:
    return tuple(booster.feature_names or ())


def _head(learner: Any) -> Head:
    objective, about = learner["objective"]["name"], learner["learner_model_param"]
    classes, units = int(about["num_class"]), max(int(about["num_class"]), int(about["num_target"]), 1)
    if objective.startswith("multi:") or classes > 1:
        if units == 1:
            raise ValueError("num_class=1 has no class that another is told from; train with the number of classes")
        return Head("classes", units)
    if objective.startswith("binary:") and objective != "binary:hinge":  # which predicts 0 or 1, no probability
        return Head("binary", 1) if units == 1 else Head("labels", units)
    return Head("values", units, _VALUES.get(objective, "value"))
