"""Which of scikit-learn's ensembles can be explained, and what is asked of each kind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

from sklearn import ensemble

from tb_attribution_plugin.integrations.sklearn_boosting import Gradient, Histogram
from tb_attribution_plugin.integrations.sklearn_forest import Forest
from tb_attribution_plugin.integrations.sklearn_nodes import Encoded
from tb_attribution_plugin.integrations.target import Floats, Head
from tb_attribution_plugin.integrations.tree import Tree


class Kind(Protocol):
    """One kind of ensemble.

    Attributes:
      averaged: outputs are the mean over the trees, not their sum.
    """

    averaged: bool

    def head(self, model: Any) -> Head: ...

    def rounds(self, model: Any) -> int:
        """That the model has."""
        ...

    def first(self, model: Any) -> Any:
        """The first tree, which stays the same object while a model grows."""
        ...

    def trees(self, model: Any, first: int, last: int) -> Iterator[Tree]:
        """Of these rounds."""
        ...

    def encoded(self, model: Any, rows: Any) -> Encoded: ...

    def intercept(self, model: Any) -> Floats:
        """[U], what is there without any tree."""
        ...

    def raw(self, model: Any, rows: Any, rounds: int) -> Floats:
        """[rows, U], what the model itself makes of so many rounds: logits, values or probabilities."""
        ...

    def predictions(self, model: Any, raw: Floats) -> Floats:
        """[rows, classes] probabilities or [rows] values."""
        ...


def kind_of(model: Any) -> Kind:
    """Raises TypeError for a model that is none of those that can be explained."""
    if isinstance(model, ensemble.GradientBoostingClassifier | ensemble.GradientBoostingRegressor):
        return Gradient()
    if isinstance(model, ensemble.HistGradientBoostingClassifier | ensemble.HistGradientBoostingRegressor):
        return Histogram()
    forests = (
        ensemble.RandomForestClassifier
        | ensemble.RandomForestRegressor
        | ensemble.ExtraTreesClassifier
        | ensemble.ExtraTreesRegressor
    )
    if isinstance(model, forests):
        return Forest()
    raise TypeError(
        f"a {type(model).__name__} cannot be explained; RandomForest, ExtraTrees, GradientBoosting and "
        "HistGradientBoosting can, as classifiers and regressors (of a pipeline pass the last step, and rows as it "
        "gets them)"
    )
